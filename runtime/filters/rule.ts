import { conditionsIn, type Operators, type Scalar, type Where } from "./where.ts";

interface Rule {
  readonly attribute: string;
  readonly operator: string;
  readonly value?: Scalar | readonly Scalar[];
}

/**
 * Filters as a rule, `{ attribute, operator, value }`, or several joined by AND; nothing asked is undefined.
 * `zone: none` writes moments, which are UTC, without their Z. The type is the one that the vendor's description gives its rule.
 */
export const ruleFilter =
  ({ ops, zone }: { readonly ops: Operators; readonly zone?: "none" }) =>
  <Filter>(where: Where = {}): Filter => {
    const operands = conditionsIn(where).map((condition): Rule => {
      const { field: attribute, test } = condition;
      const operator = ops[test] ?? test;
      if (!("value" in condition)) return { attribute, operator };
      const isMoment = condition.test === "before" || condition.test === "after";
      const value = isMoment && zone === "none" ? condition.value.replace(/Z$/, "") : condition.value;
      return { attribute, operator, value };
    });
    const [only, ...more] = operands;
    return (more.length > 0 ? { joinOperator: "AND", operands } : only) as Filter; // descriptions know no better type
  };
