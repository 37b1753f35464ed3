import type { CallModel } from "./step.ts";

/** How an operation names the customer, for people who may see only some. Places are `path.siteUid`, `query.site`, `body.site.id`. */
export type CustomerModel =
  | { readonly kind: "shared" | "refused"; readonly why: string }
  | {
      readonly kind: "bounded";
      /** Where a request may name it. */
      readonly named: readonly string[];
      /** Reads that tell it beforehand. */
      readonly through: readonly ThroughModel[];
      readonly rows?: RowsModel;
    };

export interface ThroughModel {
  readonly operation: string;
  /** Its places, and the places of this operation, or the paths of its rows, that fill them. */
  readonly with: Readonly<Record<string, string>>;
}

export interface RowsModel {
  /** It answers one thing inside of something else, which may be empty. */
  readonly one?: true;
  /** Where in the answer the thing or the list is; `.` is the answer itself. */
  readonly in: readonly string[];
  /** Where in a row its customer stands. */
  readonly customer?: readonly string[];
  /** Or what is read to learn it. */
  readonly through?: readonly ThroughModel[];
  readonly total?: string;
  /** What paging reads of the last row. */
  readonly last?: string;
}

/** What the vendor calls its customers, and how they are listed. */
export interface CustomerListModel {
  readonly title: string;
  readonly call: CallModel;
  /** Names of fields on the way to the id and to the name. */
  readonly id: readonly string[];
  readonly name: readonly string[];
}
