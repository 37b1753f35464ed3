import type { Db } from "./index.ts";
import type { StandingApprovalRow } from "./schema.ts";

export type Standing = StandingApprovalRow;

export async function addStanding(trx: Db, row: Standing): Promise<void> {
  await trx.insertInto("standing_approvals").values(row).execute();
}

/** What was allowed beforehand for such calls, as they are now: same tool, policy and connection. */
export const standingFor = (
  db: Db,
  call: Pick<Standing, "org_id" | "user_id" | "client_id" | "tool" | "tool_hash" | "connections" | "policy_version">,
  now: number,
): Promise<Standing[]> =>
  db
    .selectFrom("standing_approvals")
    .selectAll()
    .where("org_id", "=", call.org_id)
    .where("user_id", "=", call.user_id)
    .where("client_id", "=", call.client_id)
    .where("tool", "=", call.tool)
    .where("tool_hash", "=", call.tool_hash)
    .where("connections", "=", call.connections)
    .where("policy_version", "=", call.policy_version)
    .where("ended_at", "is", null)
    .where("expires_at", ">", now)
    .whereRef("uses", "<", "max_uses")
    .orderBy("created_at")
    .limit(20)
    .execute();

/** Counts a use, while there are any left. @returns which use it is */
export async function useStanding(
  trx: Db,
  { id, org_id }: Pick<Standing, "id" | "org_id">,
  now: number,
): Promise<number | undefined> {
  const row = await trx
    .updateTable("standing_approvals")
    .set((is) => ({ uses: is("uses", "+", 1) }))
    .where("org_id", "=", org_id)
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .where("expires_at", ">", now)
    .whereRef("uses", "<", "max_uses")
    .returning("uses")
    .executeTakeFirst();
  return row?.uses;
}

/** @returns what was ended; undefined when there was nothing to end */
export const endStanding = (
  trx: Db,
  { id, org }: { readonly id: string; readonly org: string },
  { by, now }: { readonly by: string; readonly now: number },
): Promise<Standing | undefined> =>
  trx
    .updateTable("standing_approvals")
    .set({ ended_by: by, ended_at: now })
    .where("org_id", "=", org)
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .returningAll()
    .executeTakeFirst();

/** What somebody allowed beforehand who may not allow it any more; left out the organisation, in all. */
export async function endStandingBy(
  trx: Db,
  { org, user, now }: { readonly org?: string | undefined; readonly user: string; readonly now: number },
): Promise<void> {
  await trx
    .updateTable("standing_approvals")
    .set({ ended_by: user, ended_at: now })
    .where("created_by", "=", user)
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .where("ended_at", "is", null)
    .execute();
}

/** Those of an organisation, or of one person in it, newest first. */
export const listStanding = (
  db: Db,
  { org, user }: { readonly org: string; readonly user?: string },
): Promise<Standing[]> =>
  db
    .selectFrom("standing_approvals")
    .selectAll()
    .where("org_id", "=", org)
    .$if(user !== undefined, (query) => query.where("user_id", "=", user!))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(200)
    .execute();

export const findStanding = (
  db: Db,
  { id, org }: { readonly id: string; readonly org: string },
): Promise<Standing | undefined> =>
  db.selectFrom("standing_approvals").selectAll().where("org_id", "=", org).where("id", "=", id).executeTakeFirst();
