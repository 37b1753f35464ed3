import { SqliteAdapter, sql } from "kysely";
import { eraseIdentities } from "./identities.ts";
import type { Db } from "./index.ts";

/**
 * Ends whatever acts for a person: sessions, grants with their tokens, connections with their credentials, and waiting
 * approvals. Rows that audit events name stay, emptied.
 */
export async function closeEverythingOf(trx: Db, user: string, now: number): Promise<void> {
  const grants = trx.selectFrom("oauth_grants").select("id").where("user_id", "=", user);
  await trx.deleteFrom("sessions").where("user_id", "=", user).execute();
  await trx
    .deleteFrom("oauth_artifacts")
    .where((row) => row.or([row("user_id", "=", user), row("grant_id", "in", grants)]))
    .execute();
  await trx
    .updateTable("oauth_grants")
    .set({ revoked_at: now })
    .where("user_id", "=", user)
    .where("revoked_at", "is", null)
    .execute();
  await trx.deleteFrom("credentials").where("owner_id", "=", user).execute();
  await trx.deleteFrom("vendor_sign_ins").where("user_id", "=", user).execute();
  await trx
    .updateTable("connections")
    .set({ status: "revoked", label: "", fields: "{}", last_error: null, updated_at: now })
    .where("owner_id", "=", user)
    .execute();
  await trx
    .updateTable("approvals")
    .set({ status: "expired", preview: "{}", arguments_box: new Uint8Array() })
    .where("user_id", "=", user)
    .where("status", "in", ["pending", "approved"])
    .execute();
}

/** All ways of a person to sign in, finished or begun, besides the password. */
export async function forgetSignIns(trx: Db, user: string): Promise<void> {
  const tables = ["passkeys", "totp_secrets", "recovery_codes", "pending_sign_ins", "sso_states", "passkey_challenges"] as const; // biome-ignore format: one thought
  for (const table of tables) await trx.deleteFrom(table).where("user_id", "=", user).execute();
  await eraseIdentities(trx, user);
}

/** The organisations where a person owns a key. */
export async function keyOrgsOf(trx: Db, user: string): Promise<string[]> {
  const rows = await trx.selectFrom("user_keys").select("org_id").where("owner_id", "=", user).execute();
  return rows.map((row) => row.org_id);
}

/**
 * SQLite overwrites what is deleted, but its journal keeps older copies of the pages until it is cut off. Call it after
 * the transaction that deleted keys. On PostgreSQL that is vacuum's business.
 */
export async function forgetDeleted(db: Db): Promise<void> {
  if (db.getExecutor().adapter instanceof SqliteAdapter) await sql`pragma wal_checkpoint(truncate)`.execute(db);
}
