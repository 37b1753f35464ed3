import type { Customer, CustomerLink } from "../../database/customers.ts";
import { matchKey } from "./names.ts";

/** A company in a vendor's list. */
export interface Found {
  readonly id: string;
  readonly name: string;
}

/** What a vendor's list would mean here. Nothing of it has happened yet. */
export interface Preview {
  /** No customer has a name like it. */
  readonly fresh: readonly Found[];
  /** One customer has the same name, and no other company of the list has. */
  readonly matched: readonly (Found & { readonly customer: Named })[];
  /** Several have: a person decides. */
  readonly ambiguous: readonly (Found & { readonly customers: readonly Named[] })[];
  /** Known by its id. */
  readonly known: readonly Found[];
  readonly renamed: readonly { readonly link: CustomerLink; readonly name: string }[];
  /** The id is linked for every account, and in this one it is the id of another company. */
  readonly clashing: readonly (Found & { readonly link: CustomerLink })[];
  /** Linked here, and not in the list any more. */
  readonly vanished: readonly CustomerLink[];
}

type Named = Pick<Customer, "id" | "name">;

interface Here {
  /** The connection that the list was read with. */
  readonly connection: string;
  /** The organisation has other accounts of the vendor, where the same id may mean somebody else. */
  readonly isOneOfSeveral: boolean;
  readonly links: readonly CustomerLink[];
  readonly customers: readonly Named[];
  /** The list is the vendor's whole list. */
  readonly isWhole: boolean;
}

export function preview(found: readonly Found[], here: Here): Preview {
  const links = new Map(here.links.filter((link) => holds(link, here)).map((link) => [link.vendor_id, link]));
  const byKey = Map.groupBy(here.customers, ({ name }) => matchKey(name));
  const unlinked = found.filter(({ id }) => !links.has(id));
  const twice = Map.groupBy(unlinked, ({ name }) => matchKey(name));
  const listed = new Set(found.map(({ id }) => id));

  const fresh: Found[] = [];
  const matched: Preview["matched"][number][] = [];
  const ambiguous: Preview["ambiguous"][number][] = [];
  for (const one of unlinked) {
    const customers = byKey.get(matchKey(one.name)) ?? [];
    const [only, ...others] = customers;
    const isAlone = twice.get(matchKey(one.name))!.length === 1;
    if (!only && isAlone) fresh.push(one);
    else if (only && others.length === 0 && isAlone) matched.push({ ...one, customer: only });
    else ambiguous.push({ ...one, customers });
  }

  const linked = found.flatMap((one) => (links.has(one.id) ? [{ one, link: links.get(one.id)! }] : []));
  const differs = linked.filter(({ one, link }) => one.name !== link.vendor_name);
  const clashes = ({ one, link }: (typeof linked)[number]) =>
    here.isOneOfSeveral && link.connection_id === "" && matchKey(one.name) !== matchKey(link.vendor_name);
  return {
    fresh,
    matched,
    ambiguous,
    known: linked.map(({ one }) => one),
    renamed: differs.filter((each) => !clashes(each)).map(({ one, link }) => ({ link, name: one.name })),
    clashing: differs.filter(clashes).map(({ one, link }) => ({ ...one, link })),
    vanished: here.isWhole
      ? here.links.filter((link) => !listed.has(link.vendor_id) && isOfThisAccount(link, here))
      : [],
  };
}

const holds = ({ connection_id }: CustomerLink, { connection }: Here) =>
  connection_id === "" || connection_id === connection;

/** Of several accounts, what is linked for all may be in another one's list. */
const isOfThisAccount = ({ connection_id }: CustomerLink, { connection, isOneOfSeveral }: Here) =>
  connection_id === connection || (connection_id === "" && !isOneOfSeveral);
