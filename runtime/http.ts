import createClient, { type Client } from "openapi-fetch";
import { type Asked, type Guard, guardOf, type Narrowing } from "./boundary.ts";
import type { Through } from "./customers.ts";
import type { Outgoing } from "./exchange.ts";
import { baseOf, type Sender, sender, type VendorConfig } from "./sender.ts";
import type { Transport } from "./transport.ts";
import { fillPath, nextLink, nextPage, queryText } from "./url.ts";

export type HttpConfig = VendorConfig;

/**
 * A typed client for one connection of one vendor. Two options beside openapi-fetch's own: `reads: true` marks a POST that only
 * reads, `nextUrl` follows the vendor's link to the next page. Everything that goes wrong is a ToolError.
 */
export function vendorHttp<Paths extends object>(config: HttpConfig, transport: Transport): Client<Paths> {
  const send = sender(config, transport);
  const guard = transport.boundary && guardFor(config, transport.boundary, send);
  const routes = new WeakMap<Request, Route>();
  const client = createClient<Paths>({
    baseUrl: baseOf(config),
    async fetch(request) {
      let seen = new Headers();
      const url = await send.locate(request.url);
      const { template, path } = routes.get(request) ?? { template: "", path: {} };
      const outgoing = await prepare(request, { url, template }, config);
      const onHeaders = (headers: Headers) => {
        seen = headers;
      };
      const ask = (narrowing?: Narrowing) => send({ ...narrowed(outgoing, narrowing), onHeaders });
      const value = await (guard ? guard(askedIn(outgoing, path), ask) : ask());
      return answer(value, () => nextLink(seen, outgoing.url, config.vendor));
    },
    pathSerializer: fillPath,
    querySerializer: queryText,
  });
  client.use({
    onRequest: ({ request, schemaPath: template, params }) =>
      void routes.set(request, { template, path: params.path ?? {} }),
  });
  return client;
}

interface Route {
  readonly template: string;
  readonly path: Readonly<Record<string, unknown>>;
}

/** What a boundary must know first is read in the same way, and looked at like everything else. */
const guardFor = (config: HttpConfig, boundary: NonNullable<Transport["boundary"]>, send: Sender): Guard =>
  guardOf({
    rules: config.customers ?? {},
    boundary,
    read({ ask, always = {} }: Through, values) {
      const [method = "", template = ""] = ask.split(" ");
      const parts = { path: {} as Record<string, unknown>, query: {} as Record<string, unknown> };
      for (const [place, value] of Object.entries({ ...always, ...values })) {
        const dot = place.indexOf(".");
        parts[place.startsWith("path.") ? "path" : "query"][place.slice(dot + 1)] = value;
      }
      const query = queryText(parts.query);
      const url = `${baseOf(config)}${fillPath(template, parts.path)}${query && `?${query}`}`;
      const headers = { accept: config.accept ?? "application/json" };
      const outgoing = { vendor: config.vendor, method, template, isWrite: false, url, headers, body: undefined };
      return { asked: askedIn(outgoing, parts.path), send: () => send(outgoing) };
    },
  });

/** Of a next page, the address that the vendor gave counts: that is what is sent. */
const askedIn = ({ method, template, isWrite, url, body }: Outgoing, path: Route["path"]): Asked => ({
  title: `${method} ${template}`,
  isWrite,
  path,
  query: new URL(url).searchParams,
  body: body === undefined ? undefined : (JSON.parse(body) as unknown),
});

function narrowed(outgoing: Outgoing, narrowing: Narrowing | undefined): Outgoing {
  if (!narrowing) return outgoing;
  const [name, id] = narrowing;
  return { ...outgoing, url: `${outgoing.url}${outgoing.url.includes("?") ? "&" : "?"}${queryText({ [name]: id })}` };
}

/** The body of an answer; an answer without one is an empty object, so that its fields can be asked for. */
export async function body<Data>(pending: Promise<{ data?: Data }>): Promise<NonNullable<Data>> {
  const { data } = await pending;
  return data ?? ({} as NonNullable<Data>); // specs promise a body where vendors send none
}

/** The body of a list's page, and the vendor's link to the next one from the header `Link`. */
export async function linked<Data>(
  pending: Promise<{ data?: Data; response: Response }>,
): Promise<{ answer: NonNullable<Data>; link: string | undefined }> {
  const { response } = await pending;
  return { answer: await body(pending), link: response instanceof Parsed ? response.link() : undefined };
}

/** openapi-fetch copies options that fetch does not know onto the request. */
type Marked = Request & { readonly reads?: boolean; readonly nextUrl?: string };

async function prepare(
  request: Marked,
  { url, template }: Pick<Outgoing, "url" | "template">,
  config: HttpConfig,
): Promise<Outgoing> {
  const { method, reads, nextUrl } = request;
  const text = request.body === null ? undefined : await request.text();
  return {
    vendor: config.vendor,
    method,
    template,
    isWrite: !(method === "GET" || method === "HEAD" || reads === true),
    url: nextUrl === undefined ? url : nextPage(nextUrl, url, config.vendor),
    headers: {
      accept: config.accept ?? "application/json",
      ...(text !== undefined && { "content-type": config.media ?? "application/json" }),
    },
    body: text,
  };
}

/** A body that is parsed already, in the form openapi-fetch reads: with a length it asks for json(). */
class Parsed extends Response {
  readonly #value: unknown;
  readonly link: () => string | undefined;

  constructor(value: unknown, link: () => string | undefined) {
    super(null, { headers: { "content-length": "1" } });
    this.#value = value;
    this.link = link;
  }

  override json(): Promise<unknown> {
    return Promise.resolve(this.#value);
  }
}

const answer = (value: unknown, link: () => string | undefined) =>
  value === undefined ? new Response(null, { status: 204 }) : new Parsed(value, link);
