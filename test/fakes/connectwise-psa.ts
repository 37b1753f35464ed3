import { counted, json, list, refusal, shown, unknown } from "./connectwise-psa-answers.ts";
import * as writes from "./connectwise-psa-writes.ts";
import { type Check, createFake, type Exchange, type Fake, type Route, type Visit } from "./fake.ts";
import type { OpenApi } from "./validate.ts";
import type { World } from "./world.ts";
import { createPsaWorld, type PsaWorld, type Row, type Table } from "./world-connectwise-psa.ts";

export interface PsaAccount {
  keys: { site: string; companyId: string; publicKey: string; privateKey: string; clientId: string };
  world: World;
}

export interface PsaFake extends Fake {
  /** By company ID. */
  states: ReadonlyMap<string, PsaWorld>;
}

/** In the cloud, the API answers under a name of its own beside the one at which people sign in. */
const apiHost = (site: string) => (site.endsWith(".myconnectwise.net") ? `api-${site}` : site);
const cloudCodebase = "v2026_4";

/** ConnectWise PSA as its documents of 2026.4 and 2022.1 and its guide describe it. */
export function createPsaFake(accounts: readonly PsaAccount[], check?: Check): PsaFake {
  const states = new Map(
    accounts.map(({ keys, world }) => {
      const codebase = apiHost(keys.site) === keys.site ? "v4_6_release" : cloudCodebase;
      return [keys.companyId, createPsaWorld(world, codebase)];
    }),
  );
  const routes: Record<string, Route> = {
    "GET //login/companyinfo/{companyId}": ({ url, path }) => {
      const account = accounts.find(({ keys }) => keys.companyId === path["companyId"] && keys.site === url.host);
      if (!account) return refusal(404, "NotFound", "Company not found");
      const { codebase } = states.get(account.keys.companyId)!;
      return json({
        CompanyName: account.world.msp,
        Codebase: `${codebase}/`,
        VersionCode: "v2026.4",
        IsCloud: "True",
      });
    },
  };
  for (const [name, serve] of Object.entries({ ...reads, ...changes })) {
    routes[name] = (visit) => {
      const account = accounts.find(({ keys }) => isSignedIn(visit, keys));
      if (!account) return refusal(401, "Unauthorized", "The login is not valid.");
      const state = states.get(account.keys.companyId)!;
      if (!visit.url.pathname.startsWith(`/${state.codebase}/`)) return refusal(404, "NotFound", "No such resource");
      visit.exchange.account = account.world.msp;
      if (visit.body && !visit.request.headers.get("content-type")?.startsWith("application/json"))
        return refusal(415, "UnsupportedMediaType", "Send application/json.");
      return serve(visit, state, fake);
    };
  }
  const sites = accounts.map(({ keys }) => keys.site);
  const fake: PsaFake = Object.assign(
    createFake({
      slug: "connectwise-psa",
      origin: `https://${apiHost(sites[0]!)}`,
      hosts: [...new Set([...sites, ...sites.map(apiHost)])],
      base: "/[\\w.]+/apis/3\\.0",
      routes,
      check,
    }),
    { states },
  );
  return fake;
}

function isSignedIn({ request, url }: Visit, { site, companyId, publicKey, privateKey, clientId }: PsaAccount["keys"]) {
  return (
    url.host === apiHost(site) &&
    request.headers.get("authorization") === `Basic ${btoa(`${companyId}+${publicKey}:${privateKey}`)}` &&
    request.headers.get("clientid") === clientId
  );
}

export type Serve = (visit: Visit, psa: PsaWorld, fake: Fake) => Response;

const listed =
  (table: Table, of: (row: Row, visit: Visit) => boolean = () => true): Serve =>
  (visit, psa, fake) =>
    list(
      visit,
      fake,
      psa.tables[table].filter((row) => of(row, visit)),
    );

const one =
  (table: Table, resource: string): Serve =>
  (visit, psa) => {
    const row = psa.tables[table].find(({ id }) => String(id) === visit.path["id"]);
    return row ? shown(visit, row) : unknown(resource, visit.path["id"]!);
  };

/** The record in `field` is the one that the path names. */
const within =
  (field: string) =>
  (row: Row, { path }: Visit) =>
    String((row[field] as Row | null)?.id) === path["parentId"];
const numbered =
  (field: string) =>
  (row: Row, { path }: Visit) =>
    String(row[field]) === path["parentId"];

/** Conditions come in the body, the page in the address. */
const searched =
  (table: Table): Serve =>
  (visit, psa, fake) => {
    const { conditions, orderBy, childconditions } = JSON.parse(visit.body) as Record<string, string | undefined>;
    return list(visit, fake, psa.tables[table], {
      conditions: conditions ?? null,
      childConditions: childconditions ?? null,
      orderBy: orderBy ?? null,
    });
  };

const ofTicket =
  (rows: (psa: PsaWorld, ticket: Row) => Row[]): Serve =>
  (visit, psa, fake) => {
    const ticket = psa.tables.tickets.find(({ id }) => String(id) === visit.path["parentId"]);
    return ticket ? list(visit, fake, rows(psa, ticket)) : unknown("ticket", visit.path["parentId"]!);
  };

const reads: Record<string, Serve> = {
  "GET /system/info": () => json({ version: "v2026.4.1", isCloud: true, serverTimeZone: "Pacific Standard Time" }),
  "POST /service/tickets/search": searched("tickets"),
  "POST /project/tickets/search": searched("projectTickets"),
  "GET /service/tickets/count": (visit, psa) => counted(visit, psa.tables.tickets),
  "GET /service/tickets/{id}": one("tickets", "ticket"),
  "GET /service/tickets/{parentId}/allNotes": ofTicket(({ tables }, { id }) =>
    tables.notes.filter((row) => (row["ticket"] as Row).id === id),
  ),
  "GET /service/tickets/{parentId}/tasks": ofTicket(({ tables }, { id }) =>
    tables.tasks.filter((row) => row["ticketId"] === id),
  ),
  "GET /service/tickets/{parentId}/configurations": ofTicket(({ tables, attached }, { id }) =>
    tables.configurations
      .filter((row) => attached.get(id)?.includes(row.id))
      .map(({ id: configuration, deviceIdentifier }) => ({ id: configuration, deviceIdentifier })),
  ),
  "GET /service/tickets/{parentId}/scheduleentries": ofTicket(({ tables }, { id }) =>
    tables.scheduleEntries
      .filter((row) => row["objectId"] === id)
      .map((row) => ({ id: row.id, description: `${(row["member"] as Row)["name"]} ${row["dateStart"]}` })),
  ),
  "GET /service/boards": listed("boards"),
  "GET /service/boards/{parentId}/statuses": listed("statuses", within("board")),
  "GET /service/boards/{parentId}/types": listed("types", within("board")),
  "GET /service/priorities": listed("priorities"),
  "GET /service/sources": listed("sources"),
  "GET /system/members": listed("members"),
  "GET /time/entries": listed("timeEntries"),
  "GET /time/entries/{id}": one("timeEntries", "timeEntry"),
  "GET /time/workTypes": listed("workTypes"),
  "GET /time/workRoles": listed("workRoles"),
  "GET /schedule/types": listed("scheduleTypes"),
  "GET /schedule/entries": listed("scheduleEntries"),
  "GET /company/companies": listed("companies"),
  "GET /company/companies/{id}": one("companies", "company"),
  "GET /company/companies/{parentId}/sites": listed("sites", within("company")),
  "GET /company/contacts": listed("contacts"),
  "GET /company/contacts/{id}": one("contacts", "contact"),
  "GET /company/configurations": listed("configurations"),
  "GET /company/configurations/{id}": one("configurations", "configuration"),
  "GET /company/configurations/count": (visit, psa) => counted(visit, psa.tables.configurations),
  "GET /finance/agreements": listed("agreements"),
  "GET /finance/agreements/{id}": one("agreements", "agreement"),
  "GET /finance/agreements/{parentId}/additions": listed("additions", numbered("agreementId")),
  "GET /finance/invoices": listed("invoices"),
  "GET /sales/opportunities": listed("opportunities"),
  "GET /project/projects": listed("projects"),
  "GET /project/projects/{id}": one("projects", "project"),
  "GET /project/projects/{parentId}/phases": listed("phases", numbered("projectId")),
};

const changes: Record<string, Serve> = {
  "POST /service/tickets": writes.createTicket,
  "PATCH /service/tickets/{id}": writes.patchTicket,
  "POST /service/tickets/{parentId}/notes": writes.addNote,
  "POST /service/tickets/{parentId}/configurations": writes.attachConfiguration,
  "POST /time/entries": writes.createTimeEntry,
  "POST /schedule/entries": writes.createScheduleEntry,
};

/** The published document, with what it leaves out: searches are paged and cut to fields like lists. */
export function readPsa(text: string): OpenApi {
  const document = JSON.parse(text) as OpenApi;
  for (const path of ["/service/tickets/search", "/project/tickets/search"])
    document.paths[path]!["post"]!.parameters = [
      { name: "fields", in: "query", schema: { type: "string" } },
      { name: "page", in: "query", schema: { type: "integer" } },
      { name: "pageSize", in: "query", schema: { type: "integer" } },
    ];
  return document;
}

/** Finding the codebase needs no key, and must carry none. */
export function checkPsaDiscovery({ method, url, headers }: Exchange): string[] {
  return [
    method === "GET" ? "" : "not a GET",
    url.search === "" ? "" : "parameters in the address",
    headers.has("authorization") || headers.has("clientid") ? "a key was sent" : "",
  ].filter((problem) => problem !== "");
}
