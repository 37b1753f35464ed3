import type { Configuration } from "openid-client";
import { z } from "zod";
import { boundTo } from "../../database/boxes.ts";
import { tokenHash } from "../../database/ids.ts";
import { type SsoState, takeSsoState } from "../../database/sso-states.ts";
import type { IdentityContext } from "../context.ts";
import { SsoError, type SsoProvider } from "./provider.ts";

/** What a provider says about who signed in there. */
export interface Claims {
  readonly issuer: string;
  readonly subject: string;
  readonly email?: string;
  /** Whether the provider says that the address is theirs. */
  readonly verified: boolean;
  readonly name?: string;
  /** When they signed in there, where it says; milliseconds since 1970. */
  readonly authenticatedAt?: number;
  /** Whether it says that it asked for more than one proof. */
  readonly multiFactor: boolean;
}

export interface Finished {
  readonly provider: SsoProvider;
  readonly claims: Claims;
}

/** What was begun, once: undefined for a state that is over, unknown, or of another browser. */
export const takeState = (
  { db, clock }: IdentityContext,
  { state, browser }: { state: string; browser: string },
): Promise<SsoState | undefined> =>
  takeSsoState(db, { state: tokenHash(state), browser: tokenHash(browser), now: clock.now() });

const Sealed = z.object({ provider: z.string(), nonce: z.string(), verifier: z.string(), fresh: z.boolean() });

/** Where a state leads, for the texts about it. */
export async function providerOfState(
  { vault }: IdentityContext,
  providers: readonly SsoProvider[],
  { box, state_hash }: SsoState,
) {
  const sealed = Sealed.parse(JSON.parse(await vault.box.open(box, boundTo.ssoState(state_hash))));
  return { ...sealed, provider: providers.find(({ id }) => id === sealed.provider) };
}

/** Loaded where somebody signs in through a provider. */
const openid = () => import("openid-client");

/** What differs between two clocks, and the time it takes to come back. */
const TOLERANCE_MS = 60_000;

/**
 * Code for tokens, and who that is. State, nonce, issuer, audience, PKCE and signature have to fit.
 * @param answer our callback's address as the provider sent the browser there
 * @throws SsoError
 */
export async function finishSso(
  { state_hash: _, created_at: begun }: SsoState,
  { provider, nonce, verifier, fresh }: { provider: SsoProvider; nonce: string; verifier: string; fresh: boolean },
  { answer, state }: { answer: URL; state: string },
): Promise<Claims> {
  const client = await provider.client();
  const { authorizationCodeGrant } = await openid();
  const tokens = await asked(() =>
    authorizationCodeGrant(client, answer, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier }),
  );
  const claims = tokens.claims()!; // the nonce is expected, so there is an identity token
  const more = claims.email === undefined ? await userInfo(client, tokens.access_token, claims.sub) : {};
  const told = Told.parse({ ...more, ...claims });
  const authenticatedAt = told.auth_time === undefined ? undefined : told.auth_time * 1000;
  // prompt=login is a wish; only the time says that it was granted.
  if (fresh && !(authenticatedAt !== undefined && authenticatedAt >= begun - TOLERANCE_MS)) throw new SsoError("stale");
  return {
    issuer: provider.issuer,
    subject: claims.sub,
    email: told.email,
    verified: told.email_verified || told.xms_edov,
    name: told.name,
    authenticatedAt,
    multiFactor: told.amr.includes("mfa"),
  };
}

const text = z.string().min(1).max(300).optional().catch(undefined);
/** Some providers write booleans as text or numbers. */
const yes = z.union([z.boolean(), z.string(), z.number()]).optional().catch(undefined).transform((value) => [true, "true", 1, "1"].includes(value ?? false)); // biome-ignore format: one thought

/** `xms_edov` is how Entra ID says that an address belongs to a domain its tenant has proven to own. */
const Told = z.object({
  email: text,
  email_verified: yes,
  xms_edov: yes,
  name: text,
  /** RFC 8176 */
  amr: z.array(z.string()).max(20).catch([]),
  auth_time: z.number().int().positive().optional().catch(undefined),
});

/** Strict providers put addresses there and not into the token. */
async function userInfo(client: Configuration, accessToken: string, subject: string) {
  if (!client.serverMetadata().userinfo_endpoint) return {};
  const { fetchUserInfo } = await openid();
  return await asked(() => fetchUserInfo(client, accessToken, subject));
}

async function asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    const { AuthorizationResponseError } = await openid();
    throw new SsoError(cause instanceof AuthorizationResponseError ? "refused" : reasonOf(cause), { cause });
  }
}

/** Codes of what the provider sent being wrong, in contrast to its not sending anything that can be read. */
const UNFIT = new Set([
  "OAUTH_INVALID_RESPONSE",
  "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
  "OAUTH_JWT_TIMESTAMP_CHECK_FAILED",
  "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
  "OAUTH_KEY_SELECTION_FAILED",
]);

function reasonOf(error: unknown): SsoError["reason"] {
  const { code, error: refusal } = (error ?? {}) as { code?: unknown; error?: unknown };
  if (refusal === "invalid_grant" || UNFIT.has(String(code))) return "unfit";
  return "unreachable";
}
