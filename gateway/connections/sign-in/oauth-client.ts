import { z } from "zod";
import { type SignIn, ToolError, type Vendor, withParams } from "../../../runtime/index.ts";
import type { House } from "../client.ts";
import { GuardedAgent } from "./guarded-agent.ts";
import type { VendorTokens } from "./vendor-tokens.ts";

/** The vendor says that this sign-in, or this client, is good for nothing any more. */
export class SignInEnded extends Error {
  override readonly name = "SignInEnded";
}

type Way = Pick<House, "config" | "clock">;

interface Asked {
  readonly vendor: Vendor;
  readonly signIn: SignIn;
}

/** Where the person goes. `challenge`: S256 of a verifier that stays here. */
export async function authorizeAddress(
  { config }: Way,
  { vendor, signIn }: Asked,
  { state, challenge }: { state: string; challenge: string },
): Promise<string> {
  const { scopes: scope, pkce } = signIn;
  const proof = pkce ? { code_challenge: challenge, code_challenge_method: "S256" } : {};
  const asking = await client({ config }, { vendor, signIn });
  const address = asking.authorizeURL({
    redirect_uri: redirectUri({ config }, vendor),
    state,
    ...(scope.length > 0 && { scope: [...scope] }),
    ...proof,
  });
  return simulated({ config }, vendor, address);
}

/** Registered with the vendor by whoever made the client there. */
export const redirectUri = ({ config }: Pick<Way, "config">, { slug }: Pick<Vendor, "slug">): string =>
  `${config.publicUrl}/connect/callback/${slug}`;

/** @throws SignInEnded, or ToolError; neither holds a word of the vendor's */
export function tokensForCode(
  way: Way,
  asked: Asked,
  { code, verifier }: { code: string; verifier: string },
): Promise<VendorTokens> {
  const { signIn, vendor } = asked;
  return tokensFrom(way, asked, async () => {
    const params = { code, redirect_uri: redirectUri(way, vendor), ...(signIn.pkce && { code_verifier: verifier }) };
    return (await (await client(way, asked)).getToken(params)).token;
  });
}

/**
 * The next tokens. Some vendors answer no refresh token and mean that the old one stays good.
 * @throws SignInEnded, or ToolError; neither holds a word of the vendor's
 */
export async function nextTokens(way: Way, asked: Asked, refreshToken: string): Promise<VendorTokens> {
  const next = await tokensFrom(way, asked, async () => {
    const old = (await client(way, asked)).createToken({ access_token: "-", refresh_token: refreshToken });
    return (await old.refresh()).token;
  });
  return { ...next, refreshToken: next.refreshToken ?? refreshToken };
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 100_000;

async function client(way: Pick<Way, "config">, { vendor, signIn }: Asked) {
  const { AuthorizationCode } = await import("simple-oauth2"); // only where somebody signs in at a vendor
  const { clientId: id, clientSecret } = signIn;
  const token = new URL(withParams(signIn.tokenUrl, signIn.params));
  const authorize = new URL(withParams(signIn.authorizeUrl, signIn.params));
  const host = new URL(simulated(way, vendor, token.origin)).origin;
  const isSimulated = host !== token.origin;
  return new AuthorizationCode({
    // Without a secret the library would send an empty one: so it sends the id again, in the id's own place.
    client: clientSecret ? { id, secret: clientSecret.reveal() } : { id, secret: id, secretParamName: "client_id" },
    auth: {
      tokenHost: host,
      tokenPath: token.pathname + token.search,
      authorizeHost: authorize.origin,
      authorizePath: authorize.pathname + authorize.search,
    },
    options: { authorizationMethod: "body" },
    http: {
      timeout: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      json: "force", // some name no content type, and a reason is in the body all the same
      ...(isSimulated ? { headers: { "x-forwarded-host": token.host } } : { agent: new GuardedAgent() }),
    },
  });
}

/** For demo and tests: the vendor's sign-in at a loopback origin, path and query kept. */
function simulated({ config }: Pick<Way, "config">, { slug }: Vendor, address: string): string {
  const simulation = config.devVendorOrigins[slug];
  if (!simulation) return address;
  const { pathname, search } = new URL(address);
  return Object.assign(new URL(simulation), { pathname, search }).href;
}

const tokenText = z
  .string()
  .max(16_384)
  .regex(/^[\x21-\x7e]+$/);

const Answer = z.object({
  access_token: tokenText,
  refresh_token: tokenText.nullish().catch(undefined),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

const DEFAULT_LIFETIME_MS = 3_600_000;
/** What a vendor says must fit where times are stored. */
const MAX_LIFETIME_MS = 400 * 24 * 3_600_000;

async function tokensFrom({ clock }: Way, { vendor }: Asked, ask: () => Promise<unknown>): Promise<VendorTokens> {
  const told = await ask().catch((error: unknown) => {
    throw translated(error, vendor);
  });
  const answer = Answer.safeParse(told);
  if (!answer.success) throw new ToolError("VENDOR_UNEXPECTED", `Signing in at ${vendor.title} did not give a token.`);
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = answer.data;
  const lifetimeMs = seconds === undefined ? DEFAULT_LIFETIME_MS : Math.min(Math.ceil(seconds * 1000), MAX_LIFETIME_MS);
  return { accessToken, ...(refreshToken && { refreshToken }), expiresAt: clock.now() + lifetimeMs };
}

/** Refusals that say nothing against the sign-in itself. */
const OTHERWISE: ReadonlySet<unknown> = new Set([
  "invalid_request",
  "invalid_scope",
  "unsupported_grant_type",
  "server_error",
  "temporarily_unavailable",
  "slow_down",
]);

/** The library's errors carry the vendor's body, which may hold what we sent: only status and code are looked at. */
function translated(error: unknown, { title }: Vendor): Error {
  const { data } = (error ?? {}) as { data?: { res?: { statusCode?: number }; payload?: unknown } | null };
  const status = data?.res?.statusCode;
  const payload = data?.payload;
  const code = typeof payload === "object" && payload !== null && "error" in payload ? payload.error : undefined;
  if ((status === 400 || status === 401) && !OTHERWISE.has(code))
    return new SignInEnded(`${title} refused the sign-in.`);
  if (status === 429) return new ToolError("VENDOR_RATE_LIMITED", `${title} asked for a pause when signing in.`);
  if (status !== undefined && status >= 300 && status < 500)
    return new ToolError("VENDOR_UNEXPECTED", `${title} did not understand the sign-in.`);
  return new ToolError("VENDOR_UNAVAILABLE", `Signing in at ${title} got no answer.`, { outage: true });
}
