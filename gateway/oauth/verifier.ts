import { type AuthInfo, OAuthError, OAuthErrorCode, type OAuthTokenVerifier } from "@modelcontextprotocol/server";
import { findCaller } from "../database/grants.ts";
import { tokenHash } from "../database/ids.ts";
import type { MembershipRow } from "../database/schema.ts";
import type { AuthorizationServer } from "./server.ts";

/** Who calls, as their token says. Nothing in a request can change any of it. */
export interface Caller {
  readonly userId: string;
  readonly orgId: string;
  readonly role: MembershipRow["role"];
  readonly clientId: string;
  readonly clientName: string;
  readonly grantId: string;
  /** Scopes of this vendor; others a token may name admit to nothing. */
  readonly scopes: ReadonlySet<string>;
  /** The canonical address of the vendor, whichever form of it the client asked for. */
  readonly audience: string;
  readonly vendor: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Missing when the connection chosen at consent is gone: the person has to connect again. */
  readonly connectionId?: string;
  readonly writesEnabled: boolean;
  readonly policyVersion: number;
}

interface Holder {
  readonly oauth: Pick<AuthorizationServer, "db" | "now" | "resources">;
}

/**
 * Reads one joined row per request and keeps nothing, so that revocation, offboarding and a disabled user act at once.
 * @returns undefined for a token that is unknown, expired or ended
 */
export async function verifyToken({ oauth }: Holder, token: string): Promise<Caller | undefined> {
  const row = await findCaller(oauth.db, { tokenHash: tokenHash(token), now: oauth.now() });
  if (!row) return undefined;
  const { aud, scope, exp } = JSON.parse(row.payload) as { aud?: string; scope?: string; exp: number };
  const resource = oauth.resources.canonical(row.vendor);
  if (!resource || aud !== resource.audience) return undefined;
  return {
    userId: row.user_id,
    orgId: row.org_id,
    role: row.role,
    clientId: row.client_id,
    clientName: row.client_name,
    grantId: row.grant_id,
    scopes: new Set(scope?.split(" ").filter((name) => name.startsWith(`${row.vendor}:`))),
    audience: aud,
    vendor: row.vendor,
    expiresAt: exp * 1000,
    connectionId: row.connection_id ?? undefined,
    writesEnabled: row.writes_enabled === 1,
    policyVersion: row.policy_version,
  };
}

/** For the SDK's bearer check, which compares the audience and writes the challenge. */
export function bearerVerifier(holder: Holder): OAuthTokenVerifier {
  return {
    async verifyAccessToken(token) {
      const caller = await verifyToken(holder, token);
      if (!caller) throw new OAuthError(OAuthErrorCode.InvalidToken, "The access token is not valid or has ended.");
      return {
        token,
        clientId: caller.clientId,
        scopes: [...caller.scopes],
        expiresAt: Math.floor(caller.expiresAt / 1000),
        resource: new URL(caller.audience),
        extra: { caller },
      };
    },
  };
}

/** The caller a verified token carries. */
export function callerOf(auth: AuthInfo | undefined): Caller {
  const caller = auth?.extra?.caller as Caller | undefined;
  if (!caller) throw new Error("This request was not verified.");
  return caller;
}
