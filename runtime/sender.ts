import type { Auth, AuthContext, Authorization } from "./auth/auth.ts";
import { withKeys } from "./auth/query.ts";
import { memoryTokens } from "./auth/tokens.ts";
import type { CustomerRules } from "./customers.ts";
import type { Discovery, Place } from "./discover.ts";
import { abortError, ToolError } from "./errors.ts";
import { exchange, type Outgoing } from "./exchange.ts";
import { createLimiter, type Limiter, type Limits } from "./limit.ts";
import type { Meanings } from "./meanings.ts";
import { retryRead } from "./retry.ts";
import type { Transport } from "./transport.ts";
import { pinOrigins } from "./url.ts";
import type { Refusal } from "./vendor-error.ts";

/** What all requests to one vendor have in common, whatever they look like. */
export interface VendorConfig {
  /** The vendor's name as people know it, for messages. */
  readonly vendor: string;
  readonly baseUrl: string | Discovery;
  readonly auth: Auth;
  readonly limits?: Limits;
  /** For limits by database: what tells this one from others, when it is not the base address. */
  readonly database?: string;
  /** Where a refusal of input says why, as a dotted path with `*`, for example `errors.*.detail`; or more than that. */
  readonly refusal?: string | Refusal;
  /** What the vendor's own codes mean, where its statuses say too little. */
  readonly errors?: Meanings;
  /** How its operations name the customer, for callers with a boundary. */
  readonly customers?: CustomerRules;
  readonly accept?: string;
  /** Content type of bodies; `application/json` unless given. */
  readonly media?: string;
  /** Further origins that the credentials belong to. */
  readonly origins?: readonly string[];
}

/** Sees what is wrong with a parsed answer that came under 200; throws a ToolError, or answers what counts of it. */
export type ReadAnswer = (body: unknown, outgoing: Outgoing) => unknown;

/**
 * Sends requests of one connection: each is authenticated, goes to a pinned origin only and waits for the vendor's budgets;
 * reads are repeated after 429 and 503, writes never. Everything that goes wrong is a ToolError.
 */
export function sender(config: VendorConfig, transport: Transport): Sender {
  const { fetch, signal, signedIn, guard, now = Date.now } = transport;
  const tokens = transport.tokens ?? memoryTokens({ now });
  const { vendor } = config;
  const asking = { fetch, signal, now, vendor, tokens, signedIn, guard, onRequest: transport.onRequest };
  const { baseUrl: base } = config;
  const place = typeof base === "string" ? { baseUrl: base, database: config.database ?? base } : undefined;
  const pinned = place && pinOrigins(place.baseUrl, config.origins);
  const own = createLimiter(config.limits ?? {}, { now });

  async function placeNow(): Promise<Place> {
    if (typeof base === "string") return place!;
    try {
      return await base.find(asking);
    } catch (error) {
      throw signal?.aborted ? abortError(signal) : error;
    }
  }

  const locate = async (url: string) =>
    url.startsWith(SOMEWHERE) ? (await placeNow()).baseUrl + url.slice(SOMEWHERE.length) : url;

  const send = (request: Outgoing, read?: ReadAnswer): Promise<unknown> =>
    sendOne(request, read).catch((error: unknown) => {
      if (error instanceof ToolError) transport.onFailure?.(error);
      throw error;
    });

  const sendOne = async (request: Outgoing, read: ReadAnswer = (body) => body): Promise<unknown> => {
    if (signal?.aborted) throw abortError(signal);
    const { baseUrl, database } = await placeNow();
    const outgoing = { ...request, url: await locate(request.url) };
    guard?.check(outgoing); // before it waits for a budget, or signs in
    const pins = pinned ?? pinOrigins(baseUrl, config.origins);
    if (!pins.has(new URL(outgoing.url).origin)) throw new Error("This origin is not pinned to the connection.");
    const context = { ...asking, baseUrl };
    const shared = config.limits?.by === "database" ? transport.limiterOf?.(database) : undefined;
    const limiter = shared ?? transport.limiter ?? own;
    const once = ({ headers, params, token }: Authorization) => {
      const secrets = token ? [...config.auth.secrets, token] : config.auth.secrets;
      const url = params ? withKeys(outgoing.url, params) : outgoing.url;
      const authorized = { ...outgoing, url, headers: { ...outgoing.headers, ...headers } };
      const options = { transport, secrets, refusal: config.refusal, meanings: config.errors };
      const work = async () => read(await exchange(authorized, options), outgoing);
      return limiter.run(outgoing.isWrite ? "write" : "read", work, signal, entityOf(outgoing.template));
    };
    const attempt = () => renewing(config.auth, context, once).catch(pausing(limiter.pause));
    try {
      return await (outgoing.isWrite ? attempt() : retryRead(attempt, { signal, now }));
    } catch (error) {
      const isKnown = outgoing.isWrite && error instanceof ToolError;
      throw signal?.aborted && !isKnown ? abortError(signal) : error;
    }
  };
  return Object.assign(send, { locate });
}

export interface Sender {
  (outgoing: Outgoing, read?: ReadAnswer): Promise<unknown>;
  /** An address built on `baseOf`, with the base address that was discovered. */
  locate(url: string): Promise<string>;
}

/** Stands for a base address that must be discovered first; no name ends so. */
const SOMEWHERE = "https://place.invalid";

/** What addresses are built on before the first request. */
export const baseOf = ({ baseUrl }: VendorConfig): string => (typeof baseUrl === "string" ? baseUrl : SOMEWHERE);

/** `/V1.0/Tickets/query` is about Tickets. */
const entityOf = (template: string) =>
  template.split("/").find((segment) => segment !== "" && !/^v?\d+(\.\d+)*$/i.test(segment));

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
