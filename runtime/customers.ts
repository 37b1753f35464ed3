import type { Listing } from "./pages.ts";

/** A client company as its vendor knows it. */
export interface Customer {
  readonly id: string;
  readonly name: string;
}

/** How the operations of a vendor name the customer, by `METHOD /path`. What is not among them is for nobody with a boundary. */
export type CustomerRules = Readonly<Record<string, CustomerRule>>;

export type CustomerRule =
  /** Why it is nobody's in particular. */
  | { readonly shared: string }
  /** Why it cannot be bounded. */
  | { readonly refused: string }
  | NamingRule;

/** Places of a request are `path.siteUid`, `query.filter[site]` and `body.site.id`; a list on the way stands for each of its elements. */
export interface NamingRule {
  /** Where a request may name the customer. */
  readonly named?: readonly string[];
  /** Reads that tell it beforehand. */
  readonly through?: readonly Through[];
  readonly rows?: Rows;
}

export interface Through {
  /** The operation that is read, as `GET /path` or `query field`. */
  readonly ask: string;
  /** Of a GraphQL API: its document. */
  readonly document?: string;
  /** Its places, and the places of this request, or the paths of a row, that fill them. */
  readonly with: Readonly<Record<string, string>>;
  /** What is always sent with it. */
  readonly always?: Readonly<Record<string, string | number | boolean>>;
}

export interface Rows {
  /** One thing is asked for: where the answer has none, that is told like another customer's. */
  readonly one?: true;
  /** Where in the answer the thing or the list is; `.` is the answer itself. */
  readonly in: readonly string[];
  /** Where in a row its customer stands. */
  readonly customer?: readonly string[];
  /** Or what is read to learn it, with these paths of a row: each that the row has must lead to an admitted customer. */
  readonly through?: readonly Through[];
  /** Where the vendor says how many there are in all. */
  readonly total?: string;
  /** What paging reads of the last row. */
  readonly last?: string;
}

interface Named {
  readonly id: string | number | null | undefined;
  readonly name: string | number | null | undefined;
}

/** The customers among a vendor's answer, for people to choose from; one without a name is called by its id. */
export async function* customersIn<Item>(
  listing: Listing<Item>,
  pick: (item: Item) => Named,
): AsyncGenerator<Customer> {
  for await (const item of listing) {
    const { id, name } = pick(item);
    if (id !== null && id !== undefined && id !== "") yield { id: String(id), name: String(name || id) };
  }
}
