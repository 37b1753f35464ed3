import { type AuthInfo, OAuthError, OAuthErrorCode, type OAuthTokenVerifier } from "@modelcontextprotocol/server";
import { boundConnections, findCaller } from "../database/grants.ts";
import { tokenHash } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import { extendedVendors } from "../database/orgs.ts";
import type { MembershipRow } from "../database/schema.ts";
import { ALL_VENDORS, vendorOfScope } from "./resources.ts";
import type { AuthorizationServer } from "./server.ts";

/** Who calls, as their token says. Nothing in a request can change any of it. */
export interface Caller {
  readonly userId: string;
  readonly orgId: string;
  readonly role: MembershipRow["role"];
  readonly clientId: string;
  readonly clientName: string;
  readonly grantId: string;
  /** Scopes of the vendors in reach; others a token may name admit to nothing. */
  readonly scopes: ReadonlySet<string>;
  /** The canonical address of what was asked for, whichever form of it the client asked for. */
  readonly audience: string;
  /** The vendors it reaches, each with the connection bound at consent; without one when that is gone, or came later. */
  readonly reach: ReadonlyMap<string, string | undefined>;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly writesEnabled: boolean;
  /** Vendors whose extended tools are on. */
  readonly extended: ReadonlySet<string>;
  readonly policyVersion: number;
}

interface Holder {
  readonly oauth: Pick<AuthorizationServer, "db" | "now" | "resources">;
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
    writesEnabled: row.writes_enabled === 1,
    extended: extendedVendors(row),
    policyVersion: row.policy_version,
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
