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

/** A filter that also asks for what comes behind `last`, in a list that is sorted by `field`. */
export function behind<Filter>(filter: Filter, field: string, last: string | number | undefined): Filter {
  if (last === undefined) return filter;
  const nodes = filter === undefined || filter === null ? [] : [filter].flat();
  return [...nodes, { op: "gt", field, value: last }] as Filter; // an array of nodes, as treeFilter makes it
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
