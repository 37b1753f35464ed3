import { conditionsIn, type Operators, type Scalar, type Where } from "./where.ts";

interface Rule {
  readonly attribute: string;
  readonly operator: string;
  readonly value?: Scalar | readonly Scalar[];
}

/**
 * Filters as a rule, `{ attribute, operator, value }`, or several joined by AND; nothing asked is undefined.
 * The type is the one that the vendor's description gives its rule.
 */
export const ruleFilter =
  ({ ops }: { readonly ops: Operators }) =>
  <Filter>(where: Where = {}): Filter => {
    const operands = conditionsIn(where).map((condition): Rule => {
      const { field: attribute, test } = condition;
      const operator = ops[test] ?? test;
      return "value" in condition ? { attribute, operator, value: condition.value } : { attribute, operator };
    });
    const [only, ...more] = operands;
    return (more.length > 0 ? { joinOperator: "AND", operands } : only) as Filter; // descriptions know no better type
  };
