import { conditionsIn, type Operators, type Scalar, type Where } from "./where.ts";

interface Dialect {
  readonly ops: Operators;
  /** What to ask for where nothing is asked, for a vendor that insists on a filter. */
  readonly none?: Node;
}

interface Node {
  readonly op: string;
  readonly field: string;
  readonly value?: Scalar | readonly Scalar[];
}

/**
 * Filters as JSON: `[{ op: "eq", field: "status", value: 1 }]`, all of which must hold. Values are values here, never text to be
 * read again. The type is the one that the vendor's description gives its filter.
 */
export const treeFilter =
  ({ ops, none }: Dialect) =>
  <Filter>(where: Where = {}): Filter => {
    const nodes = conditionsIn(where).map((condition): Node => {
      const { field, test } = condition;
      const op = ops[test] ?? test;
      return "value" in condition ? { op, field, value: condition.value } : { op, field };
    });
    return (nodes.length === 0 && none ? [none] : nodes) as Filter; // descriptions know no better type than ours
  };
