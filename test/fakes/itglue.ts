import { type Check, createFake, type Fake, type Route, type Visit } from "./fake.ts";
import { answer, list, problem } from "./itglue-answers.ts";
import { filters } from "./itglue-filters.ts";
import { changes } from "./itglue-writes.ts";
import type { World } from "./world.ts";
import { type Collection, createGlueWorld, type GlueWorld } from "./world-itglue.ts";

const hosts = { us: "api.itglue.com", eu: "api.eu.itglue.com", au: "api.au.itglue.com" } as const;

export interface GlueAccount {
  keys: { region: keyof typeof hosts; apiKey: string };
  world: World;
}

export interface GlueFake extends Fake {
  /** By API key. */
  states: ReadonlyMap<string, GlueWorld>;
}

/** IT Glue as its reference page describes it, with the document routes that only public clients know. */
export function createGlueFake(accounts: readonly GlueAccount[], check?: Check): GlueFake {
  const states = new Map(accounts.map(({ keys, world }) => [keys.apiKey, createGlueWorld(world)]));
  const routes: Record<string, Route> = {};
  for (const [name, serve] of Object.entries({ ...reads, ...changes })) {
    routes[name] = (visit) => {
      const key = visit.request.headers.get("x-api-key");
      if (!key) return problem(401, "Unauthorized", "Send the key in x-api-key.");
      const account = accounts.find(({ keys }) => keys.apiKey === key && hosts[keys.region] === visit.url.host);
      // The reference's prose says 403 for a wrong key, its tables say 401: clients must cope with both.
      if (!account) return problem(403, "Forbidden", "The key is not known here.");
      visit.exchange.account = account.world.msp;
      if (visit.body && !visit.request.headers.get("content-type")?.startsWith("application/vnd.api+json"))
        return problem(415, "Unsupported Media Type", "Send application/vnd.api+json.");
      return serve(visit, states.get(key)!, fake);
    };
  }
  const fake: GlueFake = Object.assign(
    createFake({ slug: "itglue", origin: `https://${hosts.us}`, hosts: Object.values(hosts), routes, check }),
    { states },
  );
  return fake;
}

export type Serve = (visit: Visit, glue: GlueWorld, fake: Fake) => Response;

const listed =
  (type: Collection): Serve =>
  (visit, glue, fake) => {
    const found = filters(visit, glue, type);
    return found instanceof Response
      ? found
      : list(
          visit,
          fake,
          found.map((entry) => (type === "passwords" ? { ...entry } : entry)),
          glue,
        );
  };

const shown =
  (type: Collection): Serve =>
  (visit, glue) => {
    const entry = glue.records[type].find(({ id }) => id === visit.path["id"]);
    return entry
      ? answer(entry, visit, glue)
      : problem(404, "Not Found", "The record does not exist or is not visible to this key.");
  };

const reads: Record<string, Serve> = {
  "GET /organizations": listed("organizations"),
  "GET /organizations/{id}": shown("organizations"),
  "GET /organization_types": listed("organization-types"),
  "GET /organization_statuses": listed("organization-statuses"),
  "GET /configurations": listed("configurations"),
  "GET /configurations/{id}": shown("configurations"),
  "GET /configuration_types": listed("configuration-types"),
  "GET /configuration_statuses": listed("configuration-statuses"),
  "GET /configurations/{configuration_id}/relationships/configuration_interfaces": (visit, glue, fake) =>
    list(
      visit,
      fake,
      glue.records["configuration-interfaces"].filter(
        ({ attributes }) => String(attributes["configuration-id"]) === visit.path["configuration_id"],
      ),
      glue,
    ),
  "GET /passwords": listed("passwords"),
  "GET /passwords/{id}": (visit, glue) => {
    const entry = glue.records.passwords.find(({ id }) => id === visit.path["id"]);
    if (!entry) return problem(404, "Not Found", "The record does not exist or is not visible to this key.");
    // The value comes along unless it is refused: the trap of this vendor.
    const visible = visit.query.get("show_password") !== "false";
    return answer(
      {
        ...entry,
        attributes: {
          ...entry.attributes,
          ...(visible && { password: glue.values.get(entry.id) ?? null }),
          "is-live": true,
        },
      },
      visit,
      glue,
    );
  },
  "GET /password_categories": listed("password-categories"),
  "GET /flexible_asset_types": listed("flexible-asset-types"),
  "GET /flexible_asset_types/{id}": shown("flexible-asset-types"),
  "GET /flexible_asset_types/{flexible_asset_type_id}/relationships/flexible_asset_fields": (visit, glue, fake) =>
    list(
      visit,
      fake,
      glue.records["flexible-asset-fields"].filter(
        ({ attributes }) => String(attributes["flexible-asset-type-id"]) === visit.path["flexible_asset_type_id"],
      ),
      glue,
    ),
  "GET /flexible_assets": (visit, glue, fake) =>
    visit.query.has("filter[flexible-asset-type-id]")
      ? listed("flexible-assets")(visit, glue, fake)
      : problem(422, "Unprocessable Entity", "filter[flexible-asset-type-id] is required"),
  "GET /flexible_assets/{id}": shown("flexible-assets"),
  "GET /contacts": listed("contacts"),
  "GET /contact_types": listed("contact-types"),
  "GET /locations": listed("locations"),
  "GET /expirations": listed("expirations"),
  "GET /organizations/{organization_id}/relationships/documents": (visit, glue, fake) => {
    const organization = glue.records.organizations.find(({ id }) => id === visit.path["organization_id"]);
    if (!organization) return problem(404, "Not Found", "The organization does not exist.");
    const folder = visit.query.get("filter[document_folder_id]");
    const found = filters(visit, glue, "documents");
    if (found instanceof Response) return found;
    const inFolder = (id: unknown) =>
      folder === null ? id === null : folder === "null" || folder.split(",").includes(String(id));
    return list(
      visit,
      fake,
      found.filter(
        ({ attributes }) =>
          String(attributes["organization-id"]) === organization.id && inFolder(attributes["document-folder-id"]),
      ),
      glue,
    );
  },
  "GET /documents/{id}": shown("documents"),
  "GET /documents/{id}/relationships/sections": (visit, glue, fake) =>
    list(
      visit,
      fake,
      glue.records["document-sections"].filter(
        ({ attributes }) => String(attributes["document-id"]) === visit.path["id"],
      ),
      glue,
    ),
};
