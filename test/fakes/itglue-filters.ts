import type { Visit } from "./fake.ts";
import { problem } from "./itglue-answers.ts";
import type { Collection, Entry, GlueWorld } from "./world-itglue.ts";

/** Records of a kind that pass every `filter[…]` of the request; names are text within text, ids are equal. */
export function filters(visit: Visit, glue: GlueWorld, type: Collection): Entry[] | Response {
  const query = visit.query;
  if (query.has("filter[psa_id]") && !query.has("filter[psa_integration_type]"))
    return problem(422, "Unprocessable Entity", "filter[psa_integration_type] is required with filter[psa_id]");
  if (query.has("filter[rmm_id]") && !query.has("filter[rmm_integration_type]"))
    return problem(422, "Unprocessable Entity", "filter[rmm_integration_type] is required with filter[rmm_id]");
  let found = glue.records[type].filter(
    (entry) => query.has("filter[archived]") || entry.attributes["archived"] !== true,
  );
  for (const [name, value] of query) {
    const key = /^filter\[([\w-]+)\]$/.exec(name)?.[1]?.replaceAll("_", "-");
    if (key) found = found.filter((entry) => passes(entry, key, value, glue));
    const range = /^filter\[range\]\[([\w-]+)\]$/.exec(name)?.[1]?.replaceAll("_", "-");
    if (range) found = found.filter((entry) => within(String(entry.attributes[range]), value));
  }
  return found;
}

function passes(entry: Entry, key: string, value: string, glue: GlueWorld): boolean {
  const { attributes } = entry;
  const any = value.split(",");
  switch (key) {
    case "id":
      return any.includes(entry.id);
    case "rmm-id":
      return any.some((id) => glue.rmmIds.get(id) === entry.id);
    case "psa-id": {
      const company = glue.world.companies.find(({ id }) => String(id) === entry.id);
      return company !== undefined && any.includes(company.autotaskId);
    }
    case "rmm-integration-type":
      return value === "aem";
    case "psa-integration-type":
      return value === "autotask";
    case "archived":
      return value === String(attributes["archived"] ?? false);
    case "document-folder-id":
      return true;
    case "primary-email":
      return (attributes["contact-emails"] as { value: string }[]).some((email) => any.includes(email.value));
    case "expiration-date":
    case "created-at":
    case "updated-at":
      return within(String(attributes[key]), value);
    case "name":
    case "first-name":
    case "last-name":
    case "title":
    case "city":
    case "url":
    case "description":
    case "resource-name":
      return any.some((part) =>
        String(attributes[key] ?? "")
          .toLowerCase()
          .includes(part.toLowerCase()),
      );
    default:
      return any.includes(String(attributes[key] ?? ""));
  }
}

/** `2026-01-01,2026-06-30`, an open end written `*`. */
function within(value: string, range: string): boolean {
  const [from, until] = range.split(",") as [string, string?];
  const at = (text: string) => Date.parse(text);
  return (from === "*" || at(value) >= at(from)) && (until === undefined || until === "*" || at(value) <= at(until));
}
