import { HttpResponse } from "msw";
import { type Check, createFake, type Fake, type Route, type Visit } from "./fake.ts";
import { changes } from "./syncro-writes.ts";
import type { World } from "./world.ts";
import { createSyncroWorld, type SyncroWorld, settings, toAsset } from "./world-syncro.ts";

export interface SyncroAccount {
  keys: { subdomain: string; apiToken: string };
  world: World;
}

export interface SyncroFake extends Fake {
  /** By API token. */
  states: ReadonlyMap<string, SyncroWorld>;
}

export type Serve = (visit: Visit, syncro: SyncroWorld, fake: Fake) => Response;

const hostOf = ({ keys }: SyncroAccount) => `${keys.subdomain}.syncromsp.com`;

/** Syncro as its description says, over a small world per account; each account has a host of its own. */
export function createSyncroFake(accounts: readonly SyncroAccount[], check?: Check): SyncroFake {
  const states = new Map(accounts.map(({ keys, world }) => [keys.apiToken, createSyncroWorld(world)]));
  const routes: Record<string, Route> = {};
  for (const [name, serve] of Object.entries({ ...reads, ...changes })) {
    routes[name] = (visit) => {
      const token = /^Bearer (\S+)$/.exec(visit.request.headers.get("authorization") ?? "")?.[1];
      const account = accounts.find((each) => each.keys.apiToken === token && hostOf(each) === visit.url.host);
      if (!account) return HttpResponse.json({ error: "Invalid token" }, { status: 401 });
      visit.exchange.account = account.world.msp;
      return serve(visit, states.get(account.keys.apiToken)!, fake);
    };
  }
  const hosts = accounts.map(hostOf);
  const made = createFake({ slug: "syncro", origin: `https://${hosts[0]}`, hosts, base: "/api/v1", routes, check });
  const fake: SyncroFake = Object.assign(made, { states });
  return fake;
}

export const notFound = () => HttpResponse.json({ error: "Not found" }, { status: 404 });

/** Pages have a size of Syncro's own, which no answer tells. */
function list({ query }: Visit, fake: Fake, key: string, all: readonly object[], size = 25): Response {
  const page = Math.max(1, Number(query.get("page") ?? 1));
  const each = Math.min(size, fake.trouble.pageSize ?? size);
  return HttpResponse.json({
    [key]: all.slice((page - 1) * each, page * each),
    meta: { total_pages: Math.max(1, Math.ceil(all.length / each)), page },
  });
}

const shown = (key: string, found: object | undefined) => (found ? HttpResponse.json({ [key]: found }) : notFound());

const same = (given: string | null, value: unknown) => given === null || given === String(value);
const has = (given: string | null, ...texts: string[]) =>
  given === null || texts.some((text) => text.toLowerCase().includes(given.toLowerCase()));
const byId = <T extends { id: number }>(all: readonly T[], { path }: Visit) =>
  all.find(({ id }) => String(id) === path["id"]);

/** As lists have it: without what only one ticket shows. */
const listed = ({ comments, ticket_timers, asset_ids, ...ticket }: SyncroWorld["tickets"][number]) => ticket;

const reads: Record<string, Serve> = {
  "GET /me": (_, { world }) =>
    HttpResponse.json({ user_name: world.msp, user_id: 31, user_token: "user-token-never-show", permissions: {} }),
  "GET /search": ({ query }, { customers }) =>
    HttpResponse.json({
      quick_result: null,
      error: null,
      results: customers
        .filter(({ business_name }) => has(query.get("query"), business_name))
        .map(({ id, firstname, lastname, business_name }) => ({
          table: {
            _id: id,
            _type: "customer",
            _index: "customers",
            _source: { table: { firstname, lastname, business_name } },
          },
        })),
    }),
  "GET /customers": (visit, { customers }, fake) =>
    list(
      visit,
      fake,
      "customers",
      customers.filter(
        ({ business_name, email }) =>
          has(visit.query.get("query"), business_name, email) &&
          has(visit.query.get("business_name"), business_name) &&
          same(visit.query.get("email"), email),
      ),
    ),
  "GET /customers/{id}": (visit, { customers }) => shown("customer", byId(customers, visit)),
  "GET /customers/{customer_id}/phones": ({ path }) => {
    const customer_id = Number(path["customer_id"]);
    return HttpResponse.json({ phones: [{ id: 1, label: "Office", number: "206-555-0100", customer_id }] });
  },
  "GET /contacts": (visit, { contacts }, fake) =>
    list(
      visit,
      fake,
      "contacts",
      contacts.filter(({ customer_id }) => same(visit.query.get("customer_id"), customer_id)),
    ),
  "GET /tickets": (visit, { tickets }, fake) => {
    const { query } = visit;
    const found = tickets.filter(
      ({ customer_id, number, status, user_id, subject }) =>
        same(query.get("customer_id"), customer_id) &&
        same(query.get("number"), number) &&
        same(query.get("user_id"), user_id) &&
        has(query.get("query"), subject) &&
        (query.get("status") === "Not Closed" ? status !== "Resolved" : same(query.get("status"), status)),
    );
    return list(visit, fake, "tickets", found.map(listed));
  },
  "GET /tickets/settings": () => HttpResponse.json(settings),
  "GET /tickets/{id}": (visit, syncro) => {
    const ticket = byId(syncro.tickets, visit);
    const assets = syncro.world.machines
      .filter(({ id }) => ticket?.asset_ids.includes(id))
      .map((machine) => toAsset(machine, syncro));
    return shown("ticket", ticket && { ...ticket, assets });
  },
  "GET /tickets/{id}/comments": (visit, { tickets }, fake) => {
    const ticket = byId(tickets, visit);
    return ticket
      ? list(visit, fake, "comments", ticket.comments, Number(visit.query.get("per_page") ?? 10))
      : notFound();
  },
  "GET /customer_assets": (visit, syncro, fake) =>
    list(
      visit,
      fake,
      "assets",
      syncro.world.machines
        .filter(
          ({ hostname, site }) =>
            same(visit.query.get("customer_id"), site.company.id) && has(visit.query.get("query"), hostname),
        )
        .map((machine) => toAsset(machine, syncro)),
    ),
  "GET /customer_assets/{id}": (visit, syncro) => {
    const machine = byId(syncro.world.machines, visit);
    return shown("asset", machine && toAsset(machine, syncro));
  },
  "GET /customer_assets/{id}/patches": (visit, { world }) => {
    const machine = byId(world.machines, visit);
    if (!machine || machine.kind === "printer") return notFound();
    return HttpResponse.json({
      installed_patches: [
        { kb: "KB5026361", title: "Definition update", category: null, status: "Recently Installed" },
      ],
      available_patches: [
        { kb: "KB5027538", title: "Cumulative update", category: "Security Updates", status: "Missing Patches" },
        { kb: null, title: "Display driver", category: null, status: "Rejected Patches" },
      ],
      available_patches_meta: { page: 1, per_page: 50, total_pages: 1, total_entries: 2 },
    });
  },
  "GET /rmm_alerts": (visit, { alerts }, fake) => {
    const status = visit.query.get("status") ?? "active";
    const wanted = alerts.filter(({ resolved }) => status === "all" || resolved === (status === "resolved"));
    return list(visit, fake, "rmm_alerts", wanted);
  },
  "GET /rmm_alerts/{id}": (visit, { alerts }) => shown("rmm_alert", byId(alerts, visit)),
  "GET /invoices": (visit, { invoices }, fake) =>
    list(
      visit,
      fake,
      "invoices",
      invoices.filter(
        ({ is_paid, ticket_id }) =>
          (visit.query.get("unpaid") !== "true" || !is_paid) && same(visit.query.get("ticket_id"), ticket_id),
      ),
    ),
  "GET /contracts": (visit, { contracts }, fake) => list(visit, fake, "contracts", contracts, 50),
};
