import type { Schema } from "./openapi.ts";

/** Where a value comes from, checked and typed: `$device.siteUid`, `$each.uid`, or a path relative to what is being read. */
export interface Reference {
  readonly root:
    | { readonly kind: "input"; readonly name: string }
    | { readonly kind: "step"; readonly name: string }
    /** The item of an `each`; of a row when read in `output` or `keep`. */
    | { readonly kind: "each" }
    /** The thing at hand: an item of the list, the object whose fields are picked. */
    | { readonly kind: "here" };
  readonly path: readonly Segment[];
  /** The value itself may be missing, not only something on the way to it. */
  readonly maybe: boolean;
  /** Only some of several answers have it. */
  readonly partial?: true;
  /** The schemas that the value may have. */
  readonly schemas: readonly Schema[];
}

export interface Segment {
  readonly name: string;
  /** What stands before this name may be missing: print `?.`. */
  readonly optional: boolean;
}
