import createClient, { type Client } from "openapi-fetch";
import type { Outgoing } from "./exchange.ts";
import { baseOf, sender, type VendorConfig } from "./sender.ts";
import type { Transport } from "./transport.ts";
import { fillPath, nextLink, nextPage, queryText } from "./url.ts";

export type HttpConfig = VendorConfig;

/**
 * A typed client for one connection of one vendor. Two options beside openapi-fetch's own: `reads: true` marks a POST that only
 * reads, `nextUrl` follows the vendor's link to the next page. Everything that goes wrong is a ToolError.
 */
export function vendorHttp<Paths extends object>(config: HttpConfig, transport: Transport): Client<Paths> {
  const send = sender(config, transport);
  const templates = new WeakMap<Request, string>();
  const client = createClient<Paths>({
    baseUrl: baseOf(config),
    async fetch(request) {
      let seen = new Headers();
      const url = await send.locate(request.url);
      const outgoing = await prepare(request, { url, template: templates.get(request) ?? "" }, config);
      const onHeaders = (headers: Headers) => {
        seen = headers;
      };
      const value = await send({ ...outgoing, onHeaders });
      return answer(value, () => nextLink(seen, outgoing.url, config.vendor));
    },
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
