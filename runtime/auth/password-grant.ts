import { createHash } from "node:crypto";
import { z } from "zod";
import { orAborted } from "../call-context.ts";
import { ToolError } from "../errors.ts";
import { readText } from "../read-body.ts";
import { retryAfter } from "../retry.ts";
import { reveal, Secret } from "../secret.ts";
import { vendorError } from "../vendor-error.ts";
import type { Auth, AuthContext } from "./auth.ts";
import type { Token, TokenStore } from "./tokens.ts";

export interface PasswordGrant {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string | Secret;
  readonly username: string | Secret;
  readonly password: string | Secret;
  /** Used when the answer does not say how long the token lives. */
  readonly lifetimeMs?: number;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 100_000;
const RENEW_EARLIER_MS = 60_000;
const DEFAULT_LIFETIME_MS = 3_600_000;

/**
 * OAuth 2 resource owner password grant: the keys are exchanged for a bearer token, which is kept until it ends
 * or is refused. However many requests need one at once, it is minted once.
 */
export function passwordGrant(grant: PasswordGrant): Auth {
  const key = fingerprint(grant);
  return {
    secrets: [grant.clientSecret, grant.username, grant.password].filter((value) => value instanceof Secret),
    async authorize(context) {
      const token = (await context.tokens.get(key)) ?? (await mintOnce(key, grant, context));
      return { headers: { authorization: `Bearer ${token.value.reveal()}` }, token: token.value };
    },
    async refuse(refused, { tokens }) {
      const stored = await tokens.get(key);
      // Another request may have renewed it meanwhile: then that one is good.
      if (stored?.value.reveal() === refused.reveal()) await tokens.delete(key);
    },
  };
}

/** Mintings under way, by store and fingerprint. Requests of one connection share the store. */
const minting = new WeakMap<TokenStore, Map<string, Promise<Token>>>();

async function mintOnce(key: string, grant: PasswordGrant, context: AuthContext): Promise<Token> {
  const flights = minting.get(context.tokens) ?? new Map<string, Promise<Token>>();
  minting.set(context.tokens, flights);
  const flight = flights.get(key) ?? mint(key, grant, context).finally(() => flights.delete(key));
  flights.set(key, flight);
  return orAborted(flight, context.signal);
}

const TokenAnswer = z.object({
  access_token: z
    .string()
    .min(1)
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

/** Not bound to the caller's signal: others may be waiting for the same token. */
async function mint(key: string, grant: PasswordGrant, { fetch, vendor, tokens, now }: AuthContext): Promise<Token> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { response, text } = await ask(grant, { fetch, vendor, signal }).catch((cause: unknown) => {
    if (cause instanceof ToolError) throw cause;
    const what = signal.aborted ? `took longer than ${TIMEOUT_MS / 1000} s` : "got no answer";
    throw new ToolError("VENDOR_UNAVAILABLE", `Signing in at ${vendor} ${what}.`, { cause });
  });
  if (!response.ok) throw refused(response, { grant, vendor, now: now() });
  const answer = TokenAnswer.safeParse(jsonOrNothing(text));
  if (!answer.success) throw new ToolError("VENDOR_UNEXPECTED", `Signing in at ${vendor} did not give a token.`);
  const { expires_in: seconds } = answer.data;
  const lifetimeMs = seconds === undefined ? (grant.lifetimeMs ?? DEFAULT_LIFETIME_MS) : seconds * 1000;
  const expiresAt = now() + lifetimeMs - Math.min(RENEW_EARLIER_MS, lifetimeMs / 2);
  const value = new Secret(answer.data.access_token);
  await tokens.set(key, value, expiresAt);
  return { value, expiresAt };
}

async function ask(
  { tokenUrl, clientId, clientSecret, username, password }: PasswordGrant,
  { fetch, vendor, signal }: Pick<AuthContext, "fetch" | "vendor"> & { signal: AbortSignal },
) {
  const form = { grant_type: "password", username: reveal(username), password: reveal(password) };
  const response = await fetch(tokenUrl, {
    method: "POST",
    redirect: "manual",
    signal,
    headers: {
      accept: "application/json",
      authorization: `Basic ${Buffer.from(`${clientId}:${reveal(clientSecret)}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams(form).toString(),
  });
  return { response, text: await readText(response, { maxBytes: MAX_BYTES, vendor }) };
}

/** RFC 6749 answers wrong keys with 400. The body may repeat them, so it goes nowhere. */
function refused(
  response: Response,
  { grant, vendor, now }: { grant: PasswordGrant; vendor: string; now: number },
): ToolError {
  const exchange = { vendor, method: "POST", template: new URL(grant.tokenUrl).pathname, isWrite: false };
  if (response.status === 400 || response.status === 401)
    return new ToolError("VENDOR_AUTH", `${vendor} refused the keys when signing in.`, { status: 401 });
  if (response.status < 400)
    return new ToolError("VENDOR_UNAVAILABLE", `${vendor} redirected the sign-in, which is not followed.`, {
      status: response.status,
    });
  const retryAfterSeconds = retryAfter(response.headers.get("retry-after"), now);
  return vendorError(exchange, { status: response.status, body: undefined, retryAfterSeconds });
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names the credentials without containing them. */
const fingerprint = ({ tokenUrl, clientId, clientSecret, username, password }: PasswordGrant): string =>
  createHash("sha256")
    .update(JSON.stringify([tokenUrl, clientId, reveal(clientSecret), reveal(username), reveal(password)]))
    .digest("base64url");
