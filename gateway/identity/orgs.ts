import type { Db } from "../database/index.ts";
import { type MemberOrg, orgsOfMember, setExtended, setWrites } from "../database/orgs.ts";
import type { IdentityContext } from "./context.ts";

export type { MemberOrg, Org } from "../database/orgs.ts";
export { extendedVendors, findPersonalOrg } from "../database/orgs.ts";

/** The organisations a person is an active member of, their own first. */
export const orgsOf = (db: Db, userId: string): Promise<MemberOrg[]> => orgsOfMember(db, userId);

/** Switches write tools on or off. Whether the actor may do so is decided by the caller. */
export async function setWritesEnabled(
  { audit }: Pick<IdentityContext, "audit">,
  { org, on, actor, requestId }: { org: string; on: boolean; actor: string; requestId?: string },
): Promise<void> {
  await audit.atomically(async (trx, record) => {
    await setWrites(trx, org, on);
    await record({
      org,
      type: "policy.writes",
      actor: { id: actor, type: "user" },
      status: "success",
      requestId,
      detail: { enabled: on },
    });
  });
}

/** Switches the extended tools of one vendor on or off. Whether the actor may do so is decided by the caller. */
export async function setExtendedTools(
  { audit }: Pick<IdentityContext, "audit">,
  {
    org,
    vendor,
    on,
    actor,
    requestId,
  }: { org: string; vendor: string; on: boolean; actor: string; requestId?: string },
): Promise<void> {
  await audit.atomically(async (trx, record) => {
    await setExtended(trx, org, vendor, on);
    await record({
      org,
      type: "policy.extended",
      actor: { id: actor, type: "user" },
      status: "success",
      vendor,
      requestId,
      detail: { enabled: on },
    });
  });
}
