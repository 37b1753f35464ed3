import type { Asked } from "./boundary.ts";

/** What a request has at `path.siteUid`, `query.filter[site]` or `body.site.id`: nothing, one value, or those of a list. */
export function argumentAt({ path, query, body }: Asked, place: string): unknown[] {
  const dot = place.indexOf(".");
  const [where, name] = [place.slice(0, dot), place.slice(dot + 1)];
  if (where === "path") return path[name] === undefined ? [] : [path[name]];
  // Some vendors read a list in one text, whatever their description says.
  if (where === "query") return query.getAll(name).flatMap((text) => text.split(","));
  return insideOf([patched(body)], name.split("."));
}

function insideOf(values: readonly unknown[], [key, ...rest]: readonly string[]): unknown[] {
  const each = values.flatMap((value) => (Array.isArray(value) ? value : [value]));
  if (key === undefined) return each;
  const inside = each.flatMap((value) => (isObject(value) && value[key] !== undefined ? [value[key]] : []));
  return insideOf(inside, rest);
}

/** A JSON Patch as what it replaces, so that its paths are paths in the thing; other bodies stay as they are. */
function patched(body: unknown): unknown {
  if (!Array.isArray(body) || body.length === 0) return body;
  if (!body.every((each) => isObject(each) && typeof each["op"] === "string" && typeof each["path"] === "string"))
    return body;
  return body.map(({ path, value }) =>
    (path as string)
      .split("/")
      .filter(Boolean)
      .reduceRight<unknown>((inner, key) => ({ [key]: inner }), value ?? null),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
