import type { Auth, AuthContext, Authorization } from "./auth/auth.ts";
import { memoryTokens } from "./auth/tokens.ts";
import { abortError, ToolError } from "./errors.ts";
import { exchange, type Outgoing } from "./exchange.ts";
import { createLimiter, type Limiter, type Limits } from "./limit.ts";
import { retryRead } from "./retry.ts";
import type { Transport } from "./transport.ts";
import { pinOrigins } from "./url.ts";

/** What all requests to one vendor have in common, whatever they look like. */
export interface VendorConfig {
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

/** Sees what is wrong with a parsed answer that came under 200; throws a ToolError, or answers what counts of it. */
export type ReadAnswer = (body: unknown, outgoing: Outgoing) => unknown;

/**
 * Sends requests of one connection: each is authenticated, goes to a pinned origin only and waits for the vendor's budgets;
 * reads are repeated after 429 and 503, writes never. Everything that goes wrong is a ToolError.
 */
export function sender(config: VendorConfig, transport: Transport) {
  const { fetch, signal, now = Date.now } = transport;
  const pins = pinOrigins(config.baseUrl, config.origins);
  const limiter = transport.limiter ?? createLimiter(config.limits ?? {}, { now });
  const context = { fetch, signal, now, vendor: config.vendor, tokens: transport.tokens ?? memoryTokens({ now }) };

  return async (outgoing: Outgoing, read: ReadAnswer = (body) => body): Promise<unknown> => {
    if (!pins.has(new URL(outgoing.url).origin)) throw new Error("This origin is not pinned to the connection.");
    const once = ({ headers, token }: Authorization) => {
      const secrets = token ? [...config.auth.secrets, token] : config.auth.secrets;
      const authorized = { ...outgoing, headers: { ...outgoing.headers, ...headers } };
      const work = async () =>
        read(await exchange(authorized, { transport, secrets, refusal: config.refusal }), outgoing);
      return limiter.run(outgoing.isWrite ? "write" : "read", work, signal);
    };
    const attempt = () => renewing(config.auth, context, once).catch(pausing(limiter.pause));
    try {
      return await (outgoing.isWrite ? attempt() : retryRead(attempt, { signal, now }));
    } catch (error) {
      throw signal?.aborted ? abortError(signal) : error;
    }
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
