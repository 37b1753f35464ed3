import type { Caller } from "../calls/caller.ts";
import { workingConnections } from "../database/connections.ts";
import { firstOwner } from "../database/orgs.ts";
import { readToolsOff } from "../database/policies.ts";
import { memberLimit } from "./customer-limit.ts";
import { ORG_SCOPES, rightsOf } from "./org-scopes.ts";
import { ALL_VENDORS } from "./resources.ts";
import type { TokenHolder } from "./verifier.ts";

/** What a caller without a token is called where the operator does without tokens. */
const NOBODY_IN_PARTICULAR = "without-token";

/**
 * The first owner with everything they have connected, for development on one's own machine: the configuration admits it nowhere
 * else. Policy, limits and the record are as for everybody.
 * @returns undefined before there is an owner
 */
export async function openDoorCaller({ oauth }: TokenHolder, vendor = ALL_VENDORS): Promise<Caller | undefined> {
  const owner = await firstOwner(oauth.db);
  const resource = oauth.resources.canonical(vendor);
  if (!owner || !resource) return undefined;
  const now = oauth.now();
  const own = await workingConnections(oauth.db, { org: owner.org_id, user: owner.user_id });
  const reach = new Map(own.toReversed().map((connection) => [connection.vendor, connection.id])); // the newest wins
  return {
    userId: owner.user_id,
    actorType: "user",
    orgId: owner.org_id,
    orgName: owner.org_name,
    home: owner.org_region,
    role: owner.role,
    rights: rightsOf(ORG_SCOPES, owner.role),
    clientId: NOBODY_IN_PARTICULAR,
    clientName: "a client without a token",
    agentType: NOBODY_IN_PARTICULAR,
    grantId: NOBODY_IN_PARTICULAR,
    scopes: new Set(resource.scopes),
    audience: resource.audience,
    reach: vendor === ALL_VENDORS ? reach : new Map([[vendor, reach.get(vendor)]]),
    ...(await memberLimit(oauth.db, { org: owner.org_id, user: owner.user_id })),
    expiresAt: now + 600_000,
    at: now,
    policy: await oauth.policies.of(owner.org_id, owner.policy_version),
    toolsOff: await readToolsOff(oauth.db),
  };
}
