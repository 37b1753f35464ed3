import createClient, { type Client } from "openapi-fetch";
import type { Auth, AuthContext, Authorization } from "./auth/auth.ts";
import { memoryTokens } from "./auth/tokens.ts";
import { abortError, ToolError } from "./errors.ts";
import { exchange, type Outgoing } from "./exchange.ts";
import { createLimiter, type Limiter, type Limits } from "./limit.ts";
import { retryRead } from "./retry.ts";
import type { Transport } from "./transport.ts";
import { fillPath, nextPage, pinOrigins, queryText } from "./url.ts";

export interface HttpConfig {
  /** The vendor's name as people know it, for messages. */
  readonly vendor: string;
  readonly baseUrl: string;
  readonly auth: Auth;
  readonly limits?: Limits;
  /** Where a refusal of input says why, as a dotted path with `*`, for example `errors.*.detail`. */
  readonly refusal?: string;
  readonly accept?: string;
  /** Content type of bodies; `application/json` unless given. */
  readonly media?: string;
  /** Further origins that the credentials belong to. */
  readonly origins?: readonly string[];
}

/**
 * A typed client for one connection of one vendor. Every request is authenticated, goes to a pinned origin only and waits for
 * the vendor's budgets; reads are repeated after 429 and 503, writes never. Two options beside openapi-fetch's own:
 * `reads: true` marks a POST that only reads, `nextUrl` follows the vendor's link to the next page.
 * Everything that goes wrong is a ToolError.
 */
export function vendorHttp<Paths extends object>(config: HttpConfig, transport: Transport): Client<Paths> {
  const { fetch, signal, now = Date.now } = transport;
  const pins = pinOrigins(config.baseUrl, config.origins);
  const limiter = transport.limiter ?? createLimiter(config.limits ?? {}, { now });
  const context = { fetch, signal, now, vendor: config.vendor, tokens: transport.tokens ?? memoryTokens({ now }) };
  const templates = new WeakMap<Request, string>();

  async function send(request: Request): Promise<Response> {
    const outgoing = await prepare(request, templates.get(request) ?? "", config);
    if (!pins.has(new URL(outgoing.url).origin)) throw new Error("This origin is not pinned to the connection.");
    const once = ({ headers, token }: Authorization) => {
      const secrets = token ? [...config.auth.secrets, token] : config.auth.secrets;
      const authorized = { ...outgoing, headers: { ...outgoing.headers, ...headers } };
      const work = () => exchange(authorized, { transport, secrets, refusal: config.refusal });
      return limiter.run(outgoing.isWrite ? "write" : "read", work, signal);
    };
    const attempt = () => renewing(config.auth, context, once).catch(pausing(limiter.pause));
    try {
      return answer(await (outgoing.isWrite ? attempt() : retryRead(attempt, { signal, now })));
    } catch (error) {
      throw signal?.aborted ? abortError(signal) : error;
    }
  }

  const client = createClient<Paths>({
    baseUrl: config.baseUrl,
    fetch: send,
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

/** A refused token is renewed once. The refused request was not carried out, so this holds for writes too. */
async function renewing<T>(
  auth: Auth,
  context: AuthContext,
  once: (authorization: Authorization) => Promise<T>,
): Promise<T> {
  const authorization = await auth.authorize(context);
  try {
    return await once(authorization);
  } catch (error) {
    if (!authorization.token || !auth.refuse || !(error instanceof ToolError && error.status === 401)) throw error;
    await auth.refuse(authorization.token, context);
    return once(await auth.authorize(context));
  }
}

/** When the vendor asks for a pause, all calls of the connection keep it. */
const pausing = (pause: Limiter["pause"]) => (error: unknown) => {
  if (error instanceof ToolError && error.status === 429)
    pause(error.retryAfterSeconds === undefined ? undefined : error.retryAfterSeconds * 1000);
  throw error;
};

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
