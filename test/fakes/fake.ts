import { HttpResponse, http, type RequestHandler } from "msw";
import { createTrouble, type Trouble } from "./trouble.ts";

/** One request that reached a fake, kept for tests to look at. */
export interface Exchange {
  vendor: string;
  method: string;
  /** The route as the vendor documents it, e.g. `/v2/device/{deviceUid}`. */
  template: string;
  /** Not one of the documented operations: signing in, discovery. */
  outside: boolean;
  url: URL;
  headers: Headers;
  body: string;
  /** Name of the MSP whose credential came along; undefined when it was refused. */
  account?: string;
  status?: number;
  aborted: boolean;
  /** What the vendor's document does not allow about this request. */
  violations: string[];
}

export interface Visit {
  request: Request;
  url: URL;
  template: string;
  path: Record<string, string>;
  query: URLSearchParams;
  body: string;
  exchange: Exchange;
}

export type Route = (visit: Visit) => Response | Promise<Response>;

export interface Fake {
  slug: string;
  /** Where the vendor's default region would be; a served fake assumes it when nothing tells the host. */
  origin: string;
  handlers: RequestHandler[];
  exchanges: Exchange[];
  trouble: Trouble;
}

export type Check = (exchange: Exchange) => string[];

interface FakeOptions {
  slug: string;
  origin: string;
  /** Hosts this vendor answers on. */
  hosts: readonly string[];
  /** What comes before the documented paths in the address, e.g. `/api`. */
  base?: string;
  /** `METHOD /path/{name}` as in the vendor's document; `METHOD //path` for one outside the base. */
  routes: Record<string, Route>;
  /** What a request asks for, told by its body, where one address serves everything. */
  nameOf?(body: string): { method: string; template: string } | undefined;
  check?: Check;
}

/** One msw handler that knows a vendor's hosts and routes. What it does not know stays unhandled, which fails a test. */
export function createFake({ slug, origin, hosts, base = "", routes, nameOf, check }: FakeOptions): Fake {
  const table = Object.entries(routes)
    .map(([name, route]) => compile(name, base, route))
    .sort((a, b) => a.names.length - b.names.length);
  const fake: Fake = { slug, origin, handlers: [], exchanges: [], trouble: createTrouble() };

  const find = (request: Request) => {
    const url = new URL(request.url);
    if (!hosts.includes(url.host)) return undefined;
    for (const entry of table) {
      const found = entry.method === request.method ? entry.pattern.exec(url.pathname) : null;
      if (found)
        return {
          entry,
          url,
          path: Object.fromEntries(entry.names.map((name, index) => [name, decodeURIComponent(found[index + 1]!)])),
        };
    }
    return undefined;
  };

  fake.handlers.push(
    http.all(
      ({ request }) => find(request) !== undefined,
      async ({ request }) => {
        const { entry, url, path } = find(request)!;
        const body = await request.clone().text();
        const { method, template, outside } = { ...entry, ...nameOf?.(body) };
        const exchange: Exchange = {
          vendor: slug,
          method,
          template,
          outside,
          url,
          headers: new Headers(request.headers),
          body,
          aborted: false,
          violations: [],
        };
        fake.exchanges.push(exchange);
        request.signal.addEventListener("abort", () => {
          exchange.aborted = true;
        });
        exchange.violations = check?.(exchange) ?? [];
        const visit: Visit = { request, url, template, path, query: url.searchParams, body, exchange };
        const response = await answer(visit, entry.route, fake.trouble);
        exchange.status = response.status;
        return response;
      },
    ),
  );
  return fake;
}

async function answer(visit: Visit, route: Route, trouble: Trouble): Promise<Response> {
  if (visit.exchange.violations.length > 0)
    return HttpResponse.json({ violations: visit.exchange.violations }, { status: 501 });
  const instead = await trouble.meet(visit);
  return instead ?? route(visit);
}

function compile(name: string, base: string, route: Route) {
  const [method, documented] = name.split(" ") as [string, string];
  const outside = documented.startsWith("//");
  const template = outside ? documented.slice(1) : documented;
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!);
  const pattern = new RegExp(`^${outside ? "" : base}${template.replace(/\{\w+\}/g, "([^/]+)")}$`);
  return { method, template, outside, names, pattern, route };
}
