/**
 * The condition language as its users write it: `(ComputerName like '%DC%' and Client.Id = 4001) or Status != 'Online'`.
 * Dates stand bare, texts in quotes of either kind. What it does not know it refuses, so that a slip of ours shows.
 */
export class BadCondition extends Error {}

type Row = Readonly<Record<string, unknown>>;
type Test = (row: Row) => boolean;

export function conditionOf(text: string, fields: (path: string) => boolean): Test {
  const tokens = tokenize(text);
  let at = 0;
  const peek = () => tokens[at]?.toLowerCase();
  const take = (expected?: string) => {
    const token = tokens[at++];
    if (token === undefined || (expected && token.toLowerCase() !== expected))
      throw new BadCondition(`expected ${expected ?? "more"} at ${token ?? "the end"}`);
    return token;
  };

  function either(): Test {
    let left = both();
    while (peek() === "or") {
      at++;
      const [before, after] = [left, both()];
      left = (row) => before(row) || after(row);
    }
    return left;
  }

  function both(): Test {
    let left = one();
    while (peek() === "and") {
      at++;
      const [before, after] = [left, one()];
      left = (row) => before(row) && after(row);
    }
    return left;
  }

  function one(): Test {
    if (peek() === "(") {
      at++;
      const inner = either();
      take(")");
      return inner;
    }
    const field = take();
    if (!/^[A-Za-z][\w.]*$/.test(field) || !fields(field)) throw new BadCondition(`${field} is not a field`);
    const negated = peek() === "not";
    if (negated) at++;
    const operator = take().toLowerCase();
    if (negated && !["in", "like", "contains"].includes(operator)) throw new BadCondition(`not ${operator}`);
    const test = operator === "in" ? among(values()) : compare(operator, value());
    return (row) => test(valueAt(row, field)) !== negated;
  }

  function values() {
    take("(");
    const all = [value()];
    while (peek() === ",") {
      at++;
      all.push(value());
    }
    take(")");
    return all;
  }

  function value(): string {
    const token = take();
    const quoted = /^(['"])(.*)\1$/s.exec(token);
    if (quoted) return quoted[2]!;
    if (/^(-?\d+(\.\d+)?|true|false|null|\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?)$/i.test(token)) return token;
    throw new BadCondition(`${token} is no value`);
  }

  const test = either();
  if (at < tokens.length) throw new BadCondition(`did not expect ${tokens[at]}`);
  return test;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const pattern = /\s*('[^']*'|"[^"]*"|[<>!]=|[=<>(),]|[^\s=<>!(),'"]+)/y;
  while (pattern.lastIndex < text.trimEnd().length) {
    const found = pattern.exec(text);
    if (!found) throw new BadCondition("a quote is not closed");
    tokens.push(found[1]!);
  }
  return tokens;
}

const valueAt = (row: Row, path: string): unknown =>
  path.split(".").reduce<unknown>((value, name) => (value as Row | null | undefined)?.[name], row);

const lower = (value: unknown) => String(value ?? "").toLowerCase();

const among = (wanted: readonly string[]) => (value: unknown) => wanted.some((each) => lower(each) === lower(value));

function compare(operator: string, wanted: string): (value: unknown) => boolean {
  const order = (value: unknown) => {
    if (value === null || value === undefined) return Number.NaN;
    const number = Number(wanted);
    return Number.isNaN(number) ? Date.parse(String(value)) - Date.parse(wanted) : Number(value) - number;
  };
  switch (operator) {
    case "=":
    case "eq":
      return (value) => lower(value) === lower(wanted);
    case "!=":
      return (value) => lower(value) !== lower(wanted);
    case "contains":
      return (value) => lower(value).includes(lower(wanted));
    case "like":
      return (value) => like(lower(wanted)).test(lower(value));
    case "<":
      return (value) => order(value) < 0;
    case "<=":
      return (value) => order(value) <= 0;
    case ">":
      return (value) => order(value) > 0;
    case ">=":
      return (value) => order(value) >= 0;
    default:
      throw new BadCondition(`${operator} is no operator`);
  }
}

const like = (wanted: string) =>
  new RegExp(`^${wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("%", ".*")}$`, "s");
