import type { Visit } from "./fake.ts";
import type { Serve } from "./itglue.ts";
import { answer, problem } from "./itglue-answers.ts";
import type { Collection, Entry, GlueWorld } from "./world-itglue.ts";

/** Attributes of the body in kebab-case; both spellings are understood on writes. */
function attributesOf(visit: Visit, type: string): Record<string, unknown> | Response {
  const { data } = JSON.parse(visit.body) as { data?: { type?: string; attributes?: Record<string, unknown> } };
  if (!data?.attributes) return problem(400, "Bad Request", "The body needs data.attributes.", "/data");
  // Nobody documents the type of a section; clients in the field send either.
  if (data.type?.replaceAll("_", "-") !== type && !(type === "document-sections" && data.type === "sections"))
    return problem(400, "Bad Request", `data.type must be ${type}.`, "/data/type");
  return Object.fromEntries(Object.entries(data.attributes).map(([name, value]) => [name.replaceAll("_", "-"), value]));
}

function create(
  type: Collection,
  required: readonly string[],
  finish: (entry: Entry, glue: GlueWorld) => void = () => {},
): Serve {
  return (visit, glue) => {
    const attributes = attributesOf(visit, type);
    if (attributes instanceof Response) return attributes;
    const missing = required.find((name) => attributes[name] === undefined || attributes[name] === "");
    if (missing)
      return problem(
        422,
        "Unprocessable Entity",
        `${missing.replaceAll("-", " ")} can't be blank`,
        `/data/attributes/${missing}`,
      );
    const named = withNames(attributes, glue);
    if (named instanceof Response) return named;
    const now = new Date(glue.world.now).toISOString();
    const entry = glue.add(type, { ...named, "created-at": now, "updated-at": now });
    finish(entry, glue);
    return answer(entry, visit, glue, 201);
  };
}

function update(type: Collection, finish: (entry: Entry, glue: GlueWorld) => void = () => {}): Serve {
  return (visit, glue) => {
    const entry = glue.records[type].find(({ id }) => id === visit.path["id"]);
    if (!entry) return problem(404, "Not Found", "The record does not exist or is not visible to this key.");
    const attributes = visit.body ? attributesOf(visit, type) : {};
    if (attributes instanceof Response) return attributes;
    if (attributes["name"] === "")
      return problem(422, "Unprocessable Entity", "name can't be blank", "/data/attributes/name");
    const named = withNames(attributes, glue);
    if (named instanceof Response) return named;
    // Traits are replaced as a whole: what an update leaves out is gone.
    Object.assign(entry.attributes, named, { "updated-at": new Date(glue.world.now).toISOString() });
    finish(entry, glue);
    return answer(entry, visit, glue);
  };
}

const references = [
  ["organization", "organizations"],
  ["configuration-type", "configuration-types"],
  ["configuration-status", "configuration-statuses"],
  ["password-category", "password-categories"],
  ["flexible-asset-type", "flexible-asset-types"],
] as const;

/** Ids are answered with the name they stand for; an unknown one is refused. */
function withNames(attributes: Record<string, unknown>, glue: GlueWorld): Record<string, unknown> | Response {
  const named = { ...attributes };
  for (const [field, type] of references) {
    const id = attributes[`${field}-id`];
    if (id === undefined || id === null) continue;
    const found = glue.records[type].find((entry) => entry.id === String(id));
    if (!found)
      return problem(
        422,
        "Unprocessable Entity",
        `${field.replaceAll("-", " ")} must exist`,
        `/data/attributes/${field}-id`,
      );
    Object.assign(named, { [`${field}-id`]: Number(id), [`${field}-name`]: found.attributes["name"] });
  }
  return named;
}

/** The value moves to its own place: a writing call does not show it unless asked. */
function hideValue(entry: Entry, glue: GlueWorld) {
  const { password, "otp-secret": _secret, ...rest } = entry.attributes;
  if (typeof password === "string") {
    glue.values.set(entry.id, password);
    rest["password-updated-at"] = new Date(glue.world.now).toISOString();
  }
  entry.attributes = rest;
}

function complete(entry: Entry, glue: GlueWorld) {
  entry.attributes = {
    "resource-url": `${glue.origin}/${entry.attributes["organization-id"]}/${entry.type}/${entry.id}`,
    archived: false,
    ...entry.attributes,
  };
}

export const changes: Record<string, Serve> = {
  "POST /configurations": create("configurations", ["organization-id", "configuration-type-id", "name"], complete),
  "PATCH /configurations/{id}": update("configurations"),
  "POST /passwords": create("passwords", ["organization-id", "name", "password"], (entry, glue) => {
    complete(entry, glue);
    hideValue(entry, glue);
  }),
  "PATCH /passwords/{id}": update("passwords", hideValue),
  "POST /flexible_assets": create(
    "flexible-assets",
    ["organization-id", "flexible-asset-type-id", "traits"],
    (entry, glue) => {
      complete(entry, glue);
      entry.attributes["name"] = String(Object.values(entry.attributes["traits"] as object)[0] ?? "");
    },
  ),
  "PATCH /flexible_assets/{id}": update("flexible-assets"),
  "POST /documents": create("documents", ["organization-id", "name"], (entry, glue) => {
    entry.attributes = {
      published: false,
      restricted: false,
      public: false,
      "document-folder-id": null,
      content: "",
      ...entry.attributes,
    };
    complete(entry, glue);
  }),
  "PATCH /documents/{id}": update("documents"),
  "PATCH /documents/{id}/publish": update("documents", (entry) => {
    entry.attributes["published"] = true;
  }),
  "POST /documents/{id}/relationships/sections": (visit, glue, fake) => {
    const document = glue.records.documents.find(({ id }) => id === visit.path["id"]);
    if (!document) return problem(404, "Not Found", "The document does not exist.");
    return create("document-sections", ["resource-type"], (entry, { records }) => {
      const position = records["document-sections"].filter(
        ({ attributes }) => String(attributes["document-id"]) === document.id,
      ).length;
      Object.assign(entry.attributes, { "document-id": Number(document.id), position });
      document.attributes["content"] = `${document.attributes["content"] ?? ""}${entry.attributes["content"] ?? ""}`;
    })(visit, glue, fake);
  },
};
