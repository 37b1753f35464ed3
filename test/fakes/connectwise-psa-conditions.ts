/** What a record must be like, read from the vendor's condition text: `board/name = "Help Desk" and closedFlag = false`. */
export type Condition = (record: Readonly<Record<string, unknown>>) => boolean;

/** @throws Error with what is wrong, when the text is no condition */
export function readCondition(text: string): Condition {
  const tokens = tokenize(text);
  let at = 0;
  const peek = () => tokens[at];
  const isWord = (word: string) => peek()?.kind === "word" && peek()!.text.toLowerCase() === word;
  const eat = (word: string) => {
    if (!isWord(word)) return false;
    at++;
    return true;
  };
  const punctuation = (mark: string) => {
    if (peek()?.kind !== "mark" || peek()!.text !== mark) return false;
    at++;
    return true;
  };

  const any = (): Condition => {
    const parts = [all()];
    while (eat("or")) parts.push(all());
    return (record) => parts.some((part) => part(record));
  };
  const all = (): Condition => {
    const parts = [one()];
    while (eat("and")) parts.push(one());
    return (record) => parts.every((part) => part(record));
  };
  const one = (): Condition => {
    if (punctuation("(")) {
      const inner = any();
      if (!punctuation(")")) throw new Error("a bracket is not closed");
      return inner;
    }
    return comparison();
  };
  const comparison = (): Condition => {
    const field = peek();
    if (field?.kind !== "word") throw new Error(`expected a field, got ${field?.text ?? "the end"}`);
    at++;
    const not = eat("not");
    const operator = peek();
    at++;
    if (!operator) throw new Error(`nothing follows ${field.text}`);
    const name = operator.text.toLowerCase();
    const wanted = name === "in" ? list() : [value()];
    const test = testOf(name);
    return (record) => wanted.some((each) => test(valueAt(record, field.text), each)) !== not;
  };
  const list = (): Operand[] => {
    if (!punctuation("(")) throw new Error("in needs a list in brackets");
    const values = [value()];
    while (punctuation(",")) values.push(value());
    if (!punctuation(")")) throw new Error("the list is not closed");
    return values;
  };
  const value = (): Operand => {
    const token = peek();
    at++;
    if (token?.kind === "text") return token.text;
    if (token?.kind === "date") return new Date(token.text);
    if (token?.kind === "word" && /^-?\d+(\.\d+)?$/.test(token.text)) return Number(token.text);
    const word = token?.kind === "word" ? token.text.toLowerCase() : "";
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    throw new Error(`expected a value, got ${token?.text ?? "the end"}`);
  };

  const condition = any();
  if (at < tokens.length) throw new Error(`${tokens[at]!.text} is out of place`);
  return condition;
}

/** The fields that a condition asks for. */
export const fieldsIn = (text: string): string[] =>
  tokenize(text).flatMap(({ kind, text: word }, index, all) =>
    kind === "word" && !reserved.has(word.toLowerCase()) && isSubject(all[index + 1]) ? [word] : [],
  );

const reserved = new Set(["and", "or", "not", "true", "false", "null", "in", "contains", "like"]);
const isSubject = (next: Token | undefined) =>
  next !== undefined &&
  (next.kind === "operator" || ["not", "in", "contains", "like"].includes(next.text.toLowerCase()));

type Operand = string | number | boolean | Date | null;
interface Token {
  kind: "word" | "text" | "date" | "operator" | "mark";
  text: string;
}

function tokenize(text: string): Token[] {
  // No escapes inside a text: whether the vendor knows any is not documented, so a client must do without.
  const pattern = /\s*(?:"([^"]*)"|'([^']*)'|\[([^\]]*)\]|(<=|>=|!=|=|<|>)|([(),])|([\w./-]+))/y;
  const tokens: Token[] = [];
  while (text.slice(pattern.lastIndex).trim() !== "") {
    const from = pattern.lastIndex;
    const found = pattern.exec(text);
    if (!found) throw new Error(`cannot read ${text.slice(from, from + 20)}`);
    const [, double, single, date, operator, mark, word] = found;
    if (date !== undefined) {
      if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$/.test(date)) throw new Error(`${date} is no date`);
      tokens.push({ kind: "date", text: date });
    } else if (operator) tokens.push({ kind: "operator", text: operator });
    else if (mark) tokens.push({ kind: "mark", text: mark });
    else if (word) tokens.push({ kind: "word", text: word });
    else tokens.push({ kind: "text", text: double ?? single ?? "" });
  }
  return tokens;
}

function testOf(operator: string): (given: unknown, wanted: Operand) => boolean {
  const compared = (holds: (order: number) => boolean) => (given: unknown, wanted: Operand) => {
    if (given === null || given === undefined || wanted === null) return false;
    const [a, b] =
      wanted instanceof Date ? [Date.parse(String(given)), wanted.getTime()] : [Number(given), Number(wanted)];
    return holds(a - b);
  };
  switch (operator) {
    case "=":
    case "in":
      return equal;
    case "!=":
      return (given, wanted) => !equal(given, wanted);
    case "<":
      return compared((order) => order < 0);
    case "<=":
      return compared((order) => order <= 0);
    case ">":
      return compared((order) => order > 0);
    case ">=":
      return compared((order) => order >= 0);
    case "contains":
      return (given, wanted) => lower(given).includes(lower(wanted));
    case "like":
      return (given, wanted) =>
        new RegExp(`^${lower(wanted).split(/[%*]/).map(literally).join(".*")}$`).test(lower(given));
    default:
      throw new Error(`${operator} is no operator`);
  }
}

const lower = (value: unknown) => String(value ?? "").toLowerCase();
const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function equal(given: unknown, wanted: Operand): boolean {
  if (wanted === null) return given === null || given === undefined;
  if (wanted instanceof Date) return Date.parse(String(given)) === wanted.getTime();
  return typeof wanted === "string" ? lower(given) === lower(wanted) : given === wanted;
}

/** `company/identifier`: through references; nothing along the way is null. Names compare in any case, as the vendor's do. */
export function valueAt(record: unknown, path: string): unknown {
  return path.split("/").reduce<unknown>((value, name) => {
    if (typeof value !== "object" || value === null) return null;
    const key = Object.keys(value).find((each) => each.toLowerCase() === name.toLowerCase());
    return key === undefined ? null : (value as Record<string, unknown>)[key];
  }, record);
}
