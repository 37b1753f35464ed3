import type { Role } from "../policy/roles.ts";
import type { Db } from "./index.ts";
import type { InvitationRow } from "./schema.ts";

export type Invitation = InvitationRow;

export async function addInvitation(trx: Db, row: Invitation): Promise<void> {
  await trx.insertInto("invitations").values(row).execute();
}

const open = (db: Db, now: number) =>
  db
    .selectFrom("invitations")
    .innerJoin("orgs", "orgs.id", "invitations.org_id")
    .where("invitations.used_at", "is", null)
    .where("invitations.revoked_at", "is", null)
    .where("invitations.expires_at", ">", now)
    .where("orgs.deleted_at", "is", null);

/** One that can still be used, with the organisation it leads to. */
export const findInvitation = (db: Db, tokenHash: string, now: number) =>
  open(db, now)
    .selectAll("invitations")
    .select("orgs.name as org_name")
    .where("invitations.token_hash", "=", tokenHash)
    .executeTakeFirst();

/** Those that nobody has used so far, newest first. */
export const openInvitations = (db: Db, org: string, { now, limit }: { now: number; limit: number }) =>
  open(db, now)
    .selectAll("invitations")
    .where("invitations.org_id", "=", org)
    .orderBy("invitations.created_at", "desc")
    .orderBy("invitations.id")
    .limit(limit)
    .execute();

/** @returns false when it was used or revoked before, or is too old: of two people who come at once one is let in */
export async function useInvitation(trx: Db, { id, org_id }: Invitation, now: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("invitations")
    .set({ used_at: now, email: null })
    .where("id", "=", id)
    .where("org_id", "=", org_id)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** @returns false when there was nothing to revoke */
export async function revokeInvitation(
  trx: Db,
  { org, id, now }: { org: string; id: string; now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("invitations")
    .set({ revoked_at: now, email: null })
    .where("org_id", "=", org)
    .where("id", "=", id)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** What somebody invited others to and may not give any more. */
export async function revokeInvitationsBy(
  trx: Db,
  { org, user, except, now }: { org: string; user: string; except: readonly Role[]; now: number },
): Promise<void> {
  await trx
    .updateTable("invitations")
    .set({ revoked_at: now, email: null })
    .where("org_id", "=", org)
    .where("created_by", "=", user)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .$if(except.length > 0, (query) => query.where("role", "not in", except))
    .execute();
}
