import type { Db } from "./index.ts";
import type { SessionRow } from "./schema.ts";

export async function addSession(db: Db, row: SessionRow): Promise<void> {
  await db.insertInto("sessions").values(row).execute();
}

/** Live, of a person who may sign in and is still a member. */
export const findLiveSession = (db: Db, idHash: string, now: number) =>
  db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .innerJoin("memberships", (join) =>
      join.onRef("memberships.org_id", "=", "sessions.org_id").onRef("memberships.user_id", "=", "sessions.user_id"),
    )
    .select(["sessions.id_hash", "sessions.org_id", "sessions.created_at", "sessions.last_seen_at"])
    .select(["sessions.methods", "sessions.authenticated_at"])
    .select("memberships.role")
    .select(["sessions.expires_at", "users.id as user_id", "users.email", "users.name"])
    .where("sessions.id_hash", "=", idHash)
    .where("sessions.expires_at", ">", now)
    .where("users.disabled_at", "is", null)
    .where("memberships.active", "=", 1)
    .executeTakeFirst();

export async function touchSession(db: Db, idHash: string, now: number, expiresAt: number): Promise<void> {
  await db
    .updateTable("sessions")
    .set({ last_seen_at: now, expires_at: expiresAt })
    .where("id_hash", "=", idHash)
    .execute();
}

/** The same session under another value. @returns false when it is over */
export async function renewSession(
  db: Db,
  idHash: string,
  next: Pick<SessionRow, "id_hash" | "methods" | "authenticated_at">,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("sessions")
    .set(next)
    .where("id_hash", "=", idHash)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function deleteSession(db: Db, idHash: string): Promise<void> {
  await db.deleteFrom("sessions").where("id_hash", "=", idHash).execute();
}

/** Those that wait for a second proof, too: they stand on the first. */
export async function deleteSessionsOf(db: Db, user: string, exceptIdHash = ""): Promise<void> {
  await db.deleteFrom("sessions").where("user_id", "=", user).where("id_hash", "!=", exceptIdHash).execute();
  await db.deleteFrom("pending_sign_ins").where("user_id", "=", user).execute();
}

export async function deleteExpiredSessions(db: Db, now: number): Promise<void> {
  await db.deleteFrom("sessions").where("expires_at", "<=", now).execute();
}

/** The same browser in another organisation. @returns false unless the person is a member there */
export async function moveSession(
  db: Db,
  idHash: string,
  { user, org }: { user: string; org: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("sessions")
    .set({ org_id: org })
    .where("id_hash", "=", idHash)
    .where("user_id", "=", user)
    .where((row) =>
      row.exists(
        row
          .selectFrom("memberships")
          .select("memberships.org_id")
          .where("memberships.org_id", "=", org)
          .where("memberships.user_id", "=", user)
          .where("memberships.active", "=", 1),
      ),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
