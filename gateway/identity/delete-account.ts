import { SYSTEM_ORG } from "../database/audit-events.ts";
import { closeEverythingOf, forgetDeleted, forgetSignIns, keysOf } from "../database/erasure.ts";
import { lockOrg, orgsOwnedAlone } from "../database/members.ts";
import { endMemberships, findPersonalOrg, orgsOfMember, renameOrg } from "../database/orgs.ts";
import { eraseUser } from "../database/users.ts";
import type { IdentityContext } from "./context.ts";
import { IdentityError } from "./errors.ts";

/**
 * Everything or nothing: the keys that open the person's credentials go in the same transaction as all that uses them. What they
 * made for organisations of several people stays there.
 * @returns the connections that were closed
 * @throws IdentityError LAST_OWNER when an organisation would have no owner
 */
export async function deleteAccount(
  { db, audit, vault, clock }: IdentityContext,
  { userId, requestId }: { userId: string; requestId?: string },
): Promise<string[]> {
  const now = clock.now();
  const closed = await audit.atomically(async (trx, record) => {
    const orgs = await orgsOfMember(trx, userId);
    for (const { id } of orgs.toSorted((a, b) => (a.id < b.id ? -1 : 1))) await lockOrg(trx, id);
    const [alone] = await orgsOwnedAlone(trx, userId);
    if (alone)
      throw new IdentityError(
        "LAST_OWNER",
        `You are the only owner of ${alone.name}. Hand it on or delete it first, then delete your account.`,
      );
    const personal = await findPersonalOrg(trx, userId);
    const keys = [
      ...(await keysOf(trx, { user: userId })),
      ...(personal ? await keysOf(trx, { org: personal.id }) : []),
    ];
    for (const { org_id, owner_id } of keys) await vault.destroyOwner(org_id, owner_id, trx);
    const connections = await closeEverythingOf(trx, { user: userId }, now);
    if (personal) await closeEverythingOf(trx, { org: personal.id }, now);
    await forgetSignIns(trx, userId);
    await endMemberships(trx, userId);
    if (personal) await renameOrg(trx, personal.id, "");
    await eraseUser(trx, userId, now);
    const actor = { id: userId, type: "user" } as const;
    const event = { actor, status: "success", requestId } as const;
    for (const { id } of orgs.filter(({ id }) => id !== personal?.id))
      await record({ ...event, org: id, type: "member.leave", detail: { member: userId } });
    await record({ ...event, org: personal?.id ?? SYSTEM_ORG, type: "account.delete" });
    return connections;
  });
  await forgetDeleted(db);
  return closed;
}
