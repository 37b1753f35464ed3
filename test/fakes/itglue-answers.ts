import { HttpResponse } from "msw";
import type { Fake, Visit } from "./fake.ts";
import type { Entry, GlueWorld } from "./world-itglue.ts";

const media = { "content-type": "application/vnd.api+json; charset=utf-8" };

const json = (body: Record<string, unknown>, status = 200) => HttpResponse.json(body, { status, headers: media });

export const problem = (status: number, title: string, detail: string, pointer = "") =>
  json({ errors: [{ status: String(status), title, detail, source: { pointer } }] }, status);

export function answer(entry: Entry, visit: Visit, glue: GlueWorld, status = 200) {
  const { data, included } = embed([entry], visit, glue);
  return json({ data: data[0]!, ...(included.length > 0 && { included }) }, status);
}

export function list(visit: Visit, fake: Fake, all: readonly Entry[], glue: GlueWorld) {
  const { query } = visit;
  const size = Math.min(Number(query.get("page[size]") ?? 50), fake.trouble.pageSize ?? 1000);
  const number = Number(query.get("page[number]") ?? 1);
  if (!(Number(query.get("page[size]") ?? 50) <= 1000) || !(number >= 1))
    return problem(400, "Bad Request", "page[size] is at most 1000, page[number] at least 1.");
  const sorted = sort(all, query.get("sort"));
  const pages = Math.max(1, Math.ceil(sorted.length / size));
  const { data, included } = embed(sorted.slice((number - 1) * size, number * size), visit, glue);
  const at = (page: number) => {
    const url = new URL(visit.url);
    url.searchParams.set("page[number]", String(page));
    return url.href;
  };
  const [next, previous] = [number < pages ? number + 1 : null, number > 1 ? number - 1 : null];
  return json({
    data,
    ...(included.length > 0 && { included }),
    meta: {
      "current-page": number,
      "next-page": next,
      "prev-page": previous,
      "total-pages": pages,
      "total-count": sorted.length,
      filters: {},
    },
    links: {
      self: at(number),
      first: at(1),
      ...(previous && { prev: at(previous) }),
      ...(next && { next: at(next) }),
      last: at(pages),
    },
  });
}

function sort(entries: readonly Entry[], by: string | null): Entry[] {
  if (!by) return [...entries];
  const keys = by
    .split(",")
    .map((part) => ({ name: part.replace(/^-/, "").replaceAll("_", "-"), sign: part.startsWith("-") ? -1 : 1 }));
  const value = (entry: Entry, name: string) =>
    String(name === "id" ? entry.id.padStart(12, "0") : (entry.attributes[name] ?? ""));
  return [...entries].sort((a, b) => {
    for (const { name, sign } of keys) {
      const order = value(a, name).localeCompare(value(b, name));
      if (order !== 0) return order * sign;
    }
    return 0;
  });
}

/** `include=configuration_interfaces` puts the interfaces beside the data, as JSON:API does. */
function embed(entries: readonly Entry[], visit: Visit, glue: GlueWorld) {
  const wanted = visit.query.get("include")?.split(",") ?? [];
  const interfacesOf = (entry: Entry) =>
    entry.type === "configurations" && wanted.includes("configuration_interfaces")
      ? glue.records["configuration-interfaces"].filter(
          ({ attributes }) => String(attributes["configuration-id"]) === entry.id,
        )
      : [];
  const visible = (entry: Entry): Entry => {
    if (entry.type !== "configuration-interfaces") return entry;
    const { "configuration-id": _ours, ...attributes } = entry.attributes;
    return { ...entry, attributes };
  };
  return {
    data: entries.map((entry) => {
      const related = interfacesOf(entry);
      const relationships =
        related.length > 0
          ? { relationships: { "configuration-interfaces": { data: related.map(({ type, id }) => ({ type, id })) } } }
          : {};
      return { ...visible(entry), ...relationships };
    }),
    included: entries.flatMap(interfacesOf).map(visible),
  };
}
