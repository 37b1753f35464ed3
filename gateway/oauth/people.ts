import { isGrantAlive } from "../database/grants.ts";
import type { Db } from "../database/index.ts";
import { type MemberOrg, orgsOfMember } from "../database/orgs.ts";
import { findUser } from "../database/users.ts";
import type { Policies } from "../identity/policies.ts";

/** What a person answered to "in which organisation?", as it waits in the authorization. */
export interface ChosenOrg {
  readonly userId: string;
  readonly orgId: string;
}

/**
 * The organisation an authorization is for: the one that was chosen, or the only one there is. Undefined while there are several and
 * none was chosen, and when the person is not a member of the chosen one any more: then they are asked (again).
 */
export async function orgFor(db: Db, userId: string, chosen: ChosenOrg | undefined): Promise<MemberOrg | undefined> {
  const orgs = await orgsOfMember(db, userId);
  if (chosen?.userId === userId) return orgs.find(({ id }) => id === chosen.orgId);
  return orgs.length === 1 ? orgs[0] : undefined;
}

/** Whether the person's role in it has anything to do with tools, as the organisation has decided. */
export async function usesTools(policies: Policies, { id, policy_version, role }: MemberOrg): Promise<boolean> {
  return (await policies.of(id, policy_version)).mayAccess[role].size > 0;
}

/**
 * The account behind an id, as oidc-provider asks before it gives anything out. Undefined for who is disabled, gone, or
 * no longer a member where the grant was made: that is what ends refreshing.
 */
export async function findAccount(db: Db, now: number, userId: string, grantId: string | undefined) {
  const user = await findUser(db, userId);
  if (!user || user.disabled_at !== null || user.erased_at !== null) return undefined;
  if (grantId && !(await isGrantAlive(db, grantId, now))) return undefined;
  return { accountId: user.id, claims: async () => ({ sub: user.id }) };
}
