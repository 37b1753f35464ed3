import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import type { Config } from "../config.ts";
import { fetchConfigured } from "../connections/outbound.ts";
import type { Documents } from "./client-documents.ts";

/** The issuer that the operator trusts besides this one. */
export interface ForeignIssuer {
  readonly issuer: string;
  readonly orgClaim: string | undefined;
  /** The audience that every token must name; undefined: the address that is called. */
  readonly audience: string | undefined;
  /** @returns undefined for what this issuer did not sign, or not for now */
  verify(token: string): Promise<JWTPayload | undefined>;
}

type Settings = NonNullable<Config["jwt"]>;

/** Clocks differ by less. */
const LEEWAY_SECONDS = 30;

/** Its keys are read when the first token comes, kept, and read again when one is signed with another key. */
export function foreignIssuer(
  { issuer, audience, algorithms, keysUrl, orgClaim }: Settings,
  { documents, warn, now }: { documents: Documents; warn(details: object, text: string): void; now(): number },
): ForeignIssuer {
  const fetchKeys = fetchConfigured(new URL(keysUrl ?? issuer).origin, documents as typeof fetch);
  let keys: Promise<KeySet> | undefined;
  let failures = 0;
  let notBefore = 0;
  const keySet = async () => {
    const url = new URL(keysUrl ?? (await discover(issuer, fetchKeys)));
    return createRemoteJWKSet(url, { [customFetch]: fetchKeys, timeoutDuration: 5000, cooldownDuration: 30_000 });
  };

  /** Anybody may send tokens: they must not become as many questions to an issuer that does not answer. */
  async function noteUnreachable(error: unknown, asked: Promise<KeySet> | undefined) {
    const known = await asked?.catch(() => undefined);
    if (known?.fresh) return; // the token names a key that is not among them, and that could not be looked into
    if (keys === asked) keys = undefined;
    if (now() < notBefore) return; // whoever asked at the same time has said so
    notBefore = now() + Math.min(FIRST_PAUSE_MS * 2 ** failures++, LONGEST_PAUSE_MS);
    const reason = error instanceof Error ? error.message : "unreachable";
    warn({ issuer, reason, failures }, "keys of JWT_ISSUER not read");
  }

  return {
    issuer,
    orgClaim,
    audience,
    async verify(token) {
      if (!keys && now() < notBefore) return undefined;
      keys ??= keySet();
      const asked = keys;
      try {
        const options = {
          issuer,
          algorithms: [...algorithms],
          clockTolerance: LEEWAY_SECONDS,
          currentDate: new Date(now()),
          requiredClaims: ["exp", "sub", "aud"],
        };
        const { payload } = await jwtVerify(token, await asked, options);
        failures = 0;
        return payload;
      } catch (error) {
        if (!REFUSED.has((error as { code?: string }).code ?? "")) await noteUnreachable(error, asked);
        return undefined;
      }
    },
  };
}

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** Between two questions to an issuer that did not answer; twice as long each time. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** The token is at fault, not the way to the keys. */
const REFUSED = new Set([
  errors.JWTClaimValidationFailed.code,
  errors.JWTExpired.code,
  errors.JWTInvalid.code,
  errors.JWSInvalid.code,
  errors.JWSSignatureVerificationFailed.code,
  errors.JWKSNoMatchingKey.code,
  errors.JOSEAlgNotAllowed.code,
  errors.JOSENotSupported.code,
]);

/** OpenID Connect Discovery 1.0, section 4. */
async function discover(issuer: string, fetchDocument: typeof fetch): Promise<string> {
  const answer = await fetchDocument(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const { issuer: named, jwks_uri } = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (named !== issuer || typeof jwks_uri !== "string") throw new Error("its discovery document is not of this issuer");
  return jwks_uri;
}
