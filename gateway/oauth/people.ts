import { isGrantAlive } from "../database/grants.ts";
import type { Db } from "../database/index.ts";
import { type MemberOrg, orgsOfMember } from "../database/orgs.ts";
import { findUser } from "../database/users.ts";

/** The organisation an authorization is for. A person has one of their own; a choice among several comes with teams. */
export async function orgOf(db: Db, userId: string): Promise<MemberOrg | undefined> {
  return (await orgsOfMember(db, userId))[0];
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
