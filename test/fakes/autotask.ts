import { HttpResponse } from "msw";
import { resources } from "./autotask-business.ts";
import { entitiesWithFields, fieldsOf } from "./autotask-picklists.ts";
import { found, Refused } from "./autotask-query.ts";
import { changes } from "./autotask-writes.ts";
import { type Check, createFake, type Fake, type Route, type Visit } from "./fake.ts";
import type { World } from "./world.ts";
import { type AutotaskWorld, createAutotaskWorld } from "./world-autotask.ts";

const LOBBY = "webservices.autotask.net";
const zones = [14, 5, 2];
const hostOf = (zone: number) => `webservices${zone}.autotask.net`;

export interface AutotaskAccount {
  keys: { userName: string; secret: string; integrationCode: string };
  world: World;
}

export interface AutotaskFake extends Fake {
  /** By API user name. */
  states: ReadonlyMap<string, AutotaskWorld>;
  /** Most requests that were at work for one entity at the same time. */
  crowds: Map<string, number>;
}

/** Autotask PSA as its description says, a database per account, each in a zone of its own. */
export function createAutotaskFake(accounts: readonly AutotaskAccount[], check?: Check): AutotaskFake {
  const homes = accounts.map(({ keys, world }, index) => ({
    keys,
    zone: zones[index]!,
    state: createAutotaskWorld(world),
  }));
  const states = new Map(homes.map(({ keys, state }) => [keys.userName, state]));
  const working = new Map<string, number>();
  const crowds = new Map<string, number>();

  /** Which database this is about; every way of getting it wrong looks the same. */
  function homeOf({ url, request: { headers } }: Visit) {
    return homes.find(
      ({ keys, zone }) =>
        url.host === hostOf(zone) &&
        headers.get("username") === keys.userName &&
        headers.get("secret") === keys.secret &&
        headers.get("apiintegrationcode") === keys.integrationCode,
    );
  }

  const signedIn =
    (serve: (visit: Visit, state: AutotaskWorld) => object): Route =>
    async (visit) => {
      const home = homeOf(visit);
      if (!home) return new HttpResponse(null, { status: 401, headers: { "www-authenticate": "Basic" } });
      visit.exchange.account = home.state.world.msp;
      const entity = `${home.keys.userName} ${visit.template.split("/")[2]}`;
      const crowd = (working.get(entity) ?? 0) + 1;
      working.set(entity, crowd);
      crowds.set(entity, Math.max(crowd, crowds.get(entity) ?? 0));
      try {
        if (crowd > 3) return refusal(429, "The number of threads for this object endpoint is exceeded.");
        await new Promise((resolve) => setTimeout(resolve, 2));
        return HttpResponse.json(serve(visit, home.state) as Record<string, unknown>);
      } catch (error) {
        if (error instanceof Refused) return refusal(500, ...error.message.split("\n"));
        throw error;
      } finally {
        working.set(entity, working.get(entity)! - 1);
      }
    };

  const routes: Record<string, Route> = {
    "GET //ATServicesRest/V1.0/ZoneInformation": ({ url, query }) => {
      const home = homes.find(({ keys }) => keys.userName === query.get("user"));
      if (url.host !== LOBBY || !home) return refusal(500, "The user name is not known in any zone.");
      const origin = `https://${hostOf(home.zone)}`;
      return HttpResponse.json({
        zoneName: `Zone ${home.zone}`,
        url: `${origin}/ATServicesRest/`,
        webUrl: `https://ww${home.zone}.autotask.net/`,
        ci: 100_000 + home.zone,
      });
    },
    "GET /V1.0/ThresholdInformation": signedIn(() => ({
      externalRequestThreshold: 10_000,
      requestThresholdTimeframe: 60,
      currentTimeframeRequestCount: 312,
    })),
  };
  for (const entity of Object.keys(homes[0]!.state.tables)) {
    const rowsOf = (state: AutotaskWorld) => state.tables[entity]!;
    routes[`POST /V1.0/${entity}/query`] = signedIn((visit, state) => page(visit, entity, state, fake));
    routes[`POST /V1.0/${entity}/query/count`] = signedIn(({ body }, state) => ({
      queryCount: found(entity, rowsOf(state), JSON.parse(body).filter).length,
    }));
    routes[`GET /V1.0/${entity}/{id}`] = signedIn(({ path }, state) => ({
      item: rowsOf(state).find(({ id }) => String(id) === path["id"]) ?? null,
    }));
  }
  for (const entity of entitiesWithFields)
    routes[`GET /V1.0/${entity}/entityInformation/fields`] = signedIn(() => ({ fields: fieldsOf(entity) }));
  for (const [name, change] of Object.entries(changes))
    routes[name] = signedIn(({ body, path, request }, state) => {
      const actor = Number(request.headers.get("impersonationresourceid") ?? resources.api);
      return { itemId: change(state, JSON.parse(body) as Record<string, unknown>, path, actor) };
    });

  const fake: AutotaskFake = Object.assign(
    createFake({
      slug: "autotask",
      origin: `https://${LOBBY}`,
      hosts: [LOBBY, ...zones.map(hostOf)],
      base: "/ATServicesRest",
      routes,
      check,
    }),
    { states, crowds },
  );
  return fake;
}

/** Up to 500 rows in order of id; the link to the next page is there when there is one. */
function page({ body, url }: Visit, entity: string, state: AutotaskWorld, fake: Fake) {
  const { filter, maxRecords = 500 } = JSON.parse(body) as { filter?: unknown; maxRecords?: number };
  if (maxRecords < 1 || maxRecords > 500) throw new Refused("maxRecords must be between 1 and 500.");
  const rows = found(entity, state.tables[entity]!, filter);
  const size = Math.min(maxRecords, fake.trouble.pageSize ?? 500);
  const items = rows.slice(0, size);
  return {
    items,
    pageDetails: {
      count: items.length,
      requestCount: maxRecords,
      prevPageUrl: null,
      nextPageUrl: rows.length > size ? `${url.origin}${url.pathname}/next?paging=page-2` : null,
    },
  };
}

/** Why input is refused: validation fails with 500 here. */
export const refusal = (status: number, ...errors: string[]) => HttpResponse.json({ errors }, { status });
