import type { Caller } from "../calls/caller.ts";
import { boundConnections, findCaller, touchGrant } from "../database/grants.ts";
import { tokenHash } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import { toolsOffOf } from "../database/policies.ts";
import { PERSONAL_TOKEN } from "../policy/agent-types.ts";
import { roleWithin } from "../policy/roles.ts";
import { agentTypeOf } from "./agent-type.ts";
import { customerLimit } from "./customer-limit.ts";
import { rightsOf } from "./org-scopes.ts";
import { ALL_VENDORS, vendorOfScope } from "./resources.ts";
import type { TokenHolder } from "./verifier.ts";

/**
 * A person, through an app they allowed or a token they made. Reads one joined row per request, one more when the token is for all
 * vendors or the person is limited to some customers, and keeps nothing, so that revocation, offboarding and a disabled user act at
 * once.
 */
export async function personCaller({ oauth }: TokenHolder, token: string): Promise<Caller | undefined> {
  const now = oauth.now();
  const row = await findCaller(oauth.db, { tokenHash: tokenHash(token), now });
  if (!row) return undefined;
  const { aud, scope, exp } = JSON.parse(row.payload) as { aud?: string; scope?: string; exp: number };
  const resource = oauth.resources.canonical(row.vendor);
  if (!resource || aud !== resource.audience) return undefined;
  if (row.client_id === PERSONAL_TOKEN) await noteUse(oauth.db, row, now);
  const reach = await reachOf(oauth.db, row);
  const scopes = scope?.split(" ") ?? [];
  return {
    userId: row.user_id,
    actorType: "user",
    orgId: row.org_id,
    orgName: row.org_name,
    home: row.org_region,
    role: row.role,
    // What an app may do is told by the person's consent, which is about tools alone.
    rights: rightsOf(row.client_id === PERSONAL_TOKEN ? scopes : [], roleWithin(row.role, row.limited === 1)),
    clientId: row.client_id,
    clientName: row.client_name,
    agentType: agentTypeOf(row.client_id),
    grantId: row.grant_id,
    scopes: new Set(scopes.filter((name) => reach.has(vendorOfScope(name)))),
    audience: aud,
    reach,
    ...(await customerLimit(oauth.db, { org: row.org_id, user: row.user_id, limited: row.limited === 1 })),
    expiresAt: exp * 1000,
    at: now,
    policy: await oauth.policies.of(row.org_id, row.policy_version),
    toolsOff: toolsOffOf(row),
  };
}

type Row = NonNullable<Awaited<ReturnType<typeof findCaller>>>;

async function reachOf(db: Db, { vendor, connection_id, grant_id, org_id, user_id }: Row) {
  if (vendor !== ALL_VENDORS) return new Map([[vendor, connection_id ?? undefined]]);
  return await boundConnections(db, { grant: grant_id, org: org_id, user: user_id });
}

/** Noting each use would cost a write each. */
export const NOTED_EVERY_MS = 60_000;

/** Of an app each renewed token is a note; a token that lasts for months has none of those. */
async function noteUse(db: Db, { grant_id, last_used_at }: Row, now: number) {
  if (now - (last_used_at ?? 0) >= NOTED_EVERY_MS) await touchGrant(db, grant_id, now);
}
