import { HttpResponse } from "msw";
import { type Condition, fieldsIn, readCondition, valueAt } from "./connectwise-psa-conditions.ts";
import type { Fake, Visit } from "./fake.ts";
import type { Row } from "./world-connectwise-psa.ts";

const media = "application/vnd.connectwise.com+json; version=2026.4; charset=utf-8";

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new HttpResponse(JSON.stringify(body), { status, headers: { "content-type": media, ...headers } });

export const refusal = (status: number, code: string, message: string, errors: readonly object[] = []) =>
  json({ code, message, errors: errors.length > 0 ? errors : null }, status);

/** What a 400 says about a record: the same text for everybody, and what is wrong with which field. */
export const invalid = (resource: string, field: string, message: string, code = "InvalidField") =>
  refusal(400, "InvalidObject", `${resource} object is invalid`, [{ code, message, resource, field }]);

export const unknown = (resource: string, id: string) => refusal(404, "NotFound", `${resource} ${id} not found`);

interface Asked {
  conditions?: string | null;
  childConditions?: string | null;
  orderBy?: string | null;
}

/** A page of the records that meet the conditions, with the way to the next one in the header. */
export function list(visit: Visit, fake: Fake, rows: readonly Row[], asked: Asked = askedIn(visit)): Response {
  const found = select(rows, asked);
  if (found instanceof Response) return found;
  const { query } = visit;
  const size = Math.min(Number(query.get("pageSize") ?? 25), fake.trouble.pageSize ?? 1000);
  const page = Number(query.get("page") ?? 1);
  if (!(Number(query.get("pageSize") ?? 25) <= 1000) || !(page >= 1))
    return refusal(400, "ApiFindCondition", "pageSize is at most 1000, page at least 1");
  const last = Math.max(1, Math.ceil(found.length / size));
  const at = (number: number) => {
    const url = new URL(visit.url);
    url.searchParams.set("page", String(number));
    return url.href;
  };
  const links = [
    ...(page > 1 ? [`<${at(page - 1)}>; rel="prev", <${at(1)}>; rel="first"`] : []),
    ...(page < last ? [`<${at(page + 1)}>; rel="next", <${at(last)}>; rel="last"`] : []),
  ];
  return json(
    found.slice((page - 1) * size, page * size).map((row) => picked(row, query.get("fields"))),
    200,
    links.length > 0 ? { link: links.join(", ") } : {},
  );
}

export function counted(visit: Visit, rows: readonly Row[]): Response {
  const found = select(rows, askedIn(visit));
  return found instanceof Response ? found : json({ count: found.length });
}

export const shown = (visit: Visit, row: Row) => json(picked(row, visit.query.get("fields")));

const askedIn = ({ query }: Visit): Asked => ({
  conditions: query.get("conditions"),
  childConditions: query.get("childConditions"),
  orderBy: query.get("orderBy"),
});

function select(rows: readonly Row[], { conditions, childConditions, orderBy }: Asked): Row[] | Response {
  try {
    const meets = conditions ? checked(conditions, rows) : () => true;
    const hasChild = childConditions ? children(childConditions, rows) : () => true;
    return sorted(
      rows.filter((row) => meets(row) && hasChild(row)),
      orderBy ?? "id asc",
    );
  } catch (error) {
    return refusal(400, "ApiFindCondition", (error as Error).message);
  }
}

/** Conditions do not see into child collections, and an unknown field is an error. */
function checked(text: string, rows: readonly Row[]): Condition {
  for (const field of fieldsIn(text)) {
    const [head = ""] = field.split("/");
    const known = rows.map((row) => valueAt(row, head)).filter((value) => value !== null);
    if (
      !rows.some((row) => Object.keys(row).some((key) => key.toLowerCase() === head.toLowerCase())) &&
      rows.length > 0
    )
      throw new Error(`${field} is not a field`);
    if (known.some(Array.isArray)) throw new Error(`${field} is in a child collection: use childConditions`);
  }
  return readCondition(text);
}

/** Every field is of one collection; some item of it must meet the whole condition. */
function children(text: string, rows: readonly Row[]): Condition {
  const [head = "", ...others] = [...new Set(fieldsIn(text).map((field) => field.split("/")[0]!))];
  if (others.length > 0) throw new Error("childConditions are about one collection");
  if (!rows.some((row) => Array.isArray(valueAt(row, head)))) throw new Error(`${head} is not a child collection`);
  const meets = readCondition(text);
  return (row) => (valueAt(row, head) as unknown[]).some((item) => meets({ [head]: item }));
}

function sorted(rows: Row[], orderBy: string): Row[] {
  const keys = orderBy.split(",").map((part) => {
    const [field = "", direction = "asc", ...rest] = part.trim().split(/\s+/);
    if (rest.length > 0 || !["asc", "desc"].includes(direction)) throw new Error(`cannot order by ${part}`);
    return { field, sign: direction === "desc" ? -1 : 1 };
  });
  const order = (a: unknown, b: unknown) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a ?? "").localeCompare(String(b ?? ""));
  return [...rows].sort((a, b) => {
    for (const { field, sign } of keys) {
      const difference = order(valueAt(a, field), valueAt(b, field));
      if (difference !== 0) return difference * sign;
    }
    return 0;
  });
}

/** A partial response: `fields=id,company/name`. Without it, everything comes, also what nobody should see. */
function picked(row: Row, fields: string | null): Record<string, unknown> {
  if (!fields) return row;
  const result: Record<string, unknown> = {};
  for (const field of fields.split(",")) {
    const [head = "", ...inner] = field.trim().split("/");
    if (!(head in row) || row[head] === null) continue;
    result[head] =
      inner.length === 0
        ? row[head]
        : { ...(result[head] as object), [inner[0]!]: valueAt(row[head], inner.join("/")) };
  }
  return result;
}
