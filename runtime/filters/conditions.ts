import { type Condition, conditionsIn, type Operators, refused, type Scalar, type Where } from "./where.ts";

interface Dialect {
  /** `either` is double with `escape: other`. */
  readonly quote?: "double" | "single" | "either";
  /**
   * What the vendor reads as a quote inside a text. `other`: the text stands in quotes of the other kind; `refuse`: nothing is known
   * to be safe, so such texts are refused.
   */
  readonly escape?: "refuse" | "other" | "backslash" | "double";
  /** `brackets`: `[2026-11-20T00:00:00Z]`; `quoted`: a text like any other; `none`: as it is. */
  readonly date?: "brackets" | "quoted" | "none";
  readonly ops?: Operators;
}

const usual: Operators = {
  is: "=",
  not: "!=",
  contains: "contains",
  in: "in",
  before: "<",
  after: ">",
  atLeast: ">=",
  atMost: "<=",
  missing: "= null",
  present: "!= null",
};

/**
 * Filters as one text: `board/name = "Help Desk" and closedFlag = false`. Nothing asked is undefined.
 * @throws ToolError INVALID_INPUT for a text that could end its quotes
 */
export function conditionsFilter(dialect: Dialect = {}) {
  const operators = { ...usual, ...dialect.ops };

  const text = (field: string, value: string) => quoted(field, value.replace(CONTROL, " "), dialect);
  const write = (field: string, value: Scalar) => (typeof value === "string" ? text(field, value) : String(value));

  function print(condition: Condition): string {
    const { field, test } = condition;
    const operator = operators[test] ?? "=";
    switch (test) {
      case "missing":
      case "present":
        return `${field} ${operator}`;
      case "in":
        return `${field} ${operator} (${condition.value.map((one) => write(field, one)).join(", ")})`;
      case "contains":
        return `${field} ${operator} ${text(field, operator === "like" ? `%${condition.value}%` : condition.value)}`;
      case "before":
      case "after":
        return `${field} ${operator} ${moment(condition.value, dialect)}`;
      default:
        return `${field} ${operator} ${write(field, condition.value)}`;
    }
  }

  return (where: Where = {}): string | undefined => conditionsIn(where).map(print).join(" and ") || undefined;
}

function moment(iso: string, { date, quote }: Dialect): string {
  if (date === "brackets") return `[${iso}]`;
  const mark = quote === "single" ? "'" : '"';
  return date === "quoted" ? mark + iso + mark : iso;
}

const CONTROL = /\p{Cc}/gu;

function quoted(field: string, value: string, { quote, escape: way }: Dialect): string {
  const [first, other] = quote === "single" ? ["'", '"'] : ['"', "'"];
  const mark = (quote === "either" || way === "other") && value.includes(first) ? other : first;
  if (way === "backslash") return mark + value.replaceAll("\\", "\\\\").replaceAll(mark, `\\${mark}`) + mark;
  if (way === "double") return mark + value.replaceAll(mark, mark + mark) + mark;
  // A backslash would take the closing quote along, where it means something.
  if (value.includes(mark) || value.includes("\\"))
    throw refused(field, `this vendor cannot be asked for a text with ${mark} or \\ in it`);
  return mark + value + mark;
}
