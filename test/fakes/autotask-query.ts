import type { Row } from "./autotask-business.ts";

interface Filter {
  op: string;
  field?: string;
  value?: unknown;
  udf?: boolean;
  items?: Filter[];
}

/** What is refused comes with 500 and the reasons in `errors`. */
export class Refused extends Error {}

/** The rows that meet all of a query's filters, in order of id. */
export function found(entity: string, rows: readonly Row[], filters: unknown): Row[] {
  if (!Array.isArray(filters) || filters.length === 0) throw new Refused("At least one filter must be given.");
  const known = new Set(rows.flatMap((row) => Object.keys(row)));
  return rows
    .filter((row) => (filters as Filter[]).every((filter) => meets(row, filter, known, entity)))
    .sort((a, b) => a.id - b.id);
}

function meets(row: Row, filter: Filter, known: ReadonlySet<string>, entity: string): boolean {
  const { op, field = "", value, items = [] } = filter;
  if (op === "and") return items.every((each) => meets(row, each, known, entity));
  if (op === "or") return items.some((each) => meets(row, each, known, entity));
  if (!known.has(field)) throw new Refused(`Unable to find ${field} in the ${entity} Entity.`);
  const own = row[field] ?? null;
  const test = Object.hasOwn(tests, op) ? tests[op] : undefined;
  if (!test) throw new Refused(`The operator ${op} is not supported.`);
  if (value === undefined && !op.toLowerCase().endsWith("exist"))
    throw new Refused(`The filter of ${field} has no value.`);
  if (typeof own === "number" && typeof value === "string" && !/^-?\d+(\.\d+)?$/.test(value))
    throw new Refused(`The value of ${field} is not a number.`);
  return test(own, value);
}

const tests: Record<string, (own: unknown, value: unknown) => boolean> = {
  eq: (own, value) => own !== null && plain(own) === plain(value),
  noteq: (own, value) => plain(own) !== plain(value),
  gt: (own, value) => compare(own, value) > 0,
  gte: (own, value) => compare(own, value) >= 0,
  lt: (own, value) => compare(own, value) < 0,
  lte: (own, value) => compare(own, value) <= 0,
  beginsWith: (own, value) => text(own).startsWith(text(value)),
  endsWith: (own, value) => text(own).endsWith(text(value)),
  contains: (own, value) => own !== null && text(own).includes(text(value)),
  exist: (own) => own !== null,
  notExist: (own) => own === null,
  in: (own, value) => Array.isArray(value) && value.some((each) => plain(each) === plain(own)),
  notIn: (own, value) => Array.isArray(value) && !value.some((each) => plain(each) === plain(own)),
};

const text = (value: unknown) => String(value ?? "").toLowerCase();

/** Moments with and without an offset are UTC and equal. */
const plain = (value: unknown) => {
  const moment = momentOf(value);
  return Number.isNaN(moment) ? text(value) : String(moment);
};

function compare(own: unknown, value: unknown): number {
  if (own === null) return Number.NaN;
  const [a, b] = [momentOf(own), momentOf(value)];
  return Number.isNaN(a) || Number.isNaN(b) ? Number(own) - Number(value) : a - b;
}

const momentOf = (value: unknown) =>
  typeof value === "string" && /^\d{4}-\d\d-\d\d(T|$)/.test(value)
    ? Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(value) || value.length === 10 ? value : `${value}Z`)
    : Number.NaN;
