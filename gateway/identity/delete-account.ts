import { SYSTEM_ORG } from "../database/audit-events.ts";
import { closeEverythingOf, forgetDeleted, forgetSignIns, keyOrgsOf } from "../database/erasure.ts";
import { endMemberships, findPersonalOrg, renameOrg } from "../database/orgs.ts";
import { eraseUser } from "../database/users.ts";
import type { IdentityContext } from "./context.ts";

/** Everything or nothing: the key that opens the person's credentials goes in the same transaction as all that uses them. */
export async function deleteAccount(
  { db, audit, vault, clock }: IdentityContext,
  { userId, requestId }: { userId: string; requestId?: string },
): Promise<void> {
  const now = clock.now();
  await audit.atomically(async (trx, record) => {
    const personal = await findPersonalOrg(trx, userId);
    for (const org of await keyOrgsOf(trx, userId)) await vault.destroyOwner(org, userId, trx);
    await closeEverythingOf(trx, userId, now);
    await forgetSignIns(trx, userId);
    await endMemberships(trx, userId);
    if (personal) await renameOrg(trx, personal.id, "");
    await eraseUser(trx, userId, now);
    await record({
      org: personal?.id ?? SYSTEM_ORG,
      type: "account.delete",
      actor: { id: userId, type: "user" },
      status: "success",
      requestId,
    });
  });
  await forgetDeleted(db);
}
