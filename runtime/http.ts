import createClient, { type Client } from "openapi-fetch";
import type { Outgoing } from "./exchange.ts";
import { sender, type VendorConfig } from "./sender.ts";
import type { Transport } from "./transport.ts";
import { fillPath, nextPage, queryText } from "./url.ts";

export type HttpConfig = VendorConfig;

/**
 * A typed client for one connection of one vendor. Two options beside openapi-fetch's own: `reads: true` marks a POST that only
 * reads, `nextUrl` follows the vendor's link to the next page. Everything that goes wrong is a ToolError.
 */
export function vendorHttp<Paths extends object>(config: HttpConfig, transport: Transport): Client<Paths> {
  const send = sender(config, transport);
  const templates = new WeakMap<Request, string>();
  const client = createClient<Paths>({
    baseUrl: config.baseUrl,
    fetch: async (request) => answer(await send(await prepare(request, templates.get(request) ?? "", config))),
    pathSerializer: fillPath,
    querySerializer: queryText,
  });
  client.use({ onRequest: ({ request, schemaPath }) => void templates.set(request, schemaPath) });
  return client;
}

/** The body of an answer; an answer without one is an empty object, so that its fields can be asked for. */
export async function body<Data>(pending: Promise<{ data?: Data }>): Promise<NonNullable<Data>> {
  const { data } = await pending;
  return data ?? ({} as NonNullable<Data>); // specs promise a body where vendors send none
}

/** openapi-fetch copies options that fetch does not know onto the request. */
type Marked = Request & { readonly reads?: boolean; readonly nextUrl?: string };

async function prepare(request: Marked, template: string, config: HttpConfig): Promise<Outgoing> {
  const { method, url, reads, nextUrl } = request;
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

  constructor(value: unknown) {
    super(null, { headers: { "content-length": "1" } });
    this.#value = value;
  }

  override json(): Promise<unknown> {
    return Promise.resolve(this.#value);
  }
}

const answer = (value: unknown) => (value === undefined ? new Response(null, { status: 204 }) : new Parsed(value));
