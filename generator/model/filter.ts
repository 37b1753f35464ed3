import type { Test, Value } from "./step.ts";

/** What a condition can be called in `ops`; the last is `missing: false`. */
export const operators = [
  "is",
  "not",
  "contains",
  "in",
  "before",
  "after",
  "atLeast",
  "atMost",
  "missing",
  "present",
] as const;
export type Operator = (typeof operators)[number];

/** How a vendor is told which items are wanted: a function of client.ts, and the parameter or body field that it fills. */
export interface FilterModel {
  /** Its name in client.ts. */
  readonly name: string;
  /** As in `with`: a parameter, a body field, or a path into the body. */
  readonly param: string;
  /** Between the names of a path. */
  readonly nest: string;
  /** The operation that answers what is filtered, where this one answers none of it. */
  readonly of?: string;
  /** Takes the conditions on elements of lists inside the items, for a vendor that wants them apart. */
  readonly child?: string;
  readonly dialect: DialectModel;
}

export type DialectModel =
  | {
      readonly style: "conditions";
      readonly quote?: "double" | "single" | "either";
      readonly escape?: "refuse" | "other" | "backslash" | "double";
      readonly date?: "brackets" | "quoted" | "none";
      readonly ops?: Operators;
    }
  | { readonly style: "tree"; readonly ops: Operators; readonly none?: object }
  | { readonly style: "rule"; readonly zone?: "none"; readonly ops: Operators };

type Operators = Readonly<Partial<Record<Operator, string>>>;

/** One thing that the vendor is asked for. */
export interface FieldCondition {
  /** As the vendor writes it: `board/name`. */
  readonly field: string;
  readonly test: Test;
  readonly wanted: Value;
  /** Not to be left out when its value is missing. */
  readonly required: boolean;
}
