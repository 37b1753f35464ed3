import type { Context } from "oidc-provider";
import { findConsent } from "../database/consents.ts";
import type { GrantRow } from "../database/schema.ts";
import type { AuthorizationServer } from "./server.ts";

const GRANT_TYPES: ReadonlySet<unknown> = new Set(["authorization_code", "refresh_token", "client_credentials"]);

export function countTokenAnswer({ metrics }: AuthorizationServer, { method, oidc, status }: Context): void {
  if (method !== "POST") return; // not a question that the library has read
  const asked = oidc.params?.["grant_type"];
  const grant = GRANT_TYPES.has(asked) ? String(asked) : "other";
  metrics.oauthTokens.inc({ grant, outcome: status < 400 ? "ok" : status < 500 ? "refused" : "failed" });
}

/**
 * How long a person took from the application's request to its first token. The consent is on record with the time since the
 * request, so it does not matter which replica served which step.
 */
export async function timeSignIn({ db, now, metrics }: AuthorizationServer, grant: GrantRow): Promise<void> {
  const consent = await findConsent(db, grant);
  if (consent?.sinceMs === undefined) return;
  metrics.authorizeSeconds.observe(Math.max(0, now() - consent.at + consent.sinceMs) / 1000);
}
