import { type AuthInfo, OAuthError, OAuthErrorCode, type OAuthTokenVerifier } from "@modelcontextprotocol/server";
import type { Caller } from "../calls/caller.ts";
import { boundConnections, findCaller } from "../database/grants.ts";
import { tokenHash } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import { toolsOffOf } from "../database/policies.ts";
import { agentTypeOf } from "./agent-type.ts";
import { ALL_VENDORS, vendorOfScope } from "./resources.ts";
import type { AuthorizationServer } from "./server.ts";

interface Holder {
  readonly oauth: Pick<AuthorizationServer, "db" | "now" | "resources" | "policies">;
}

/**
 * Reads one joined row per request, a second query when the token is for all vendors, and keeps nothing, so that revocation, offboarding and a disabled user act at once.
 * @returns undefined for a token that is unknown, expired or ended
 */
export async function verifyToken({ oauth }: Holder, token: string): Promise<Caller | undefined> {
  const row = await findCaller(oauth.db, { tokenHash: tokenHash(token), now: oauth.now() });
  if (!row) return undefined;
  const { aud, scope, exp } = JSON.parse(row.payload) as { aud?: string; scope?: string; exp: number };
  const resource = oauth.resources.canonical(row.vendor);
  if (!resource || aud !== resource.audience) return undefined;
  const reach = await reachOf(oauth.db, row);
  return {
    userId: row.user_id,
    orgId: row.org_id,
    role: row.role,
    clientId: row.client_id,
    clientName: row.client_name,
    grantId: row.grant_id,
    scopes: new Set(scope?.split(" ").filter((name) => reach.has(vendorOfScope(name)))),
    audience: aud,
    reach,
    expiresAt: exp * 1000,
    orgName: row.org_name,
    agentType: agentTypeOf(row.client_id),
    limited: false,
    at: oauth.now(),
    policy: await oauth.policies.of(row.org_id, row.policy_version),
    toolsOff: toolsOffOf(row),
  };
}

type Row = NonNullable<Awaited<ReturnType<typeof findCaller>>>;

async function reachOf(db: Db, { vendor, connection_id, grant_id, org_id, user_id }: Row) {
  if (vendor !== ALL_VENDORS) return new Map([[vendor, connection_id ?? undefined]]);
  return await boundConnections(db, { grant: grant_id, org: org_id, user: user_id });
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
