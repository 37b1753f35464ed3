import { SqliteAdapter, sql } from "kysely";
import { forgetHabits } from "./alerts.ts";
import { eraseIdentities } from "./identities.ts";
import type { Db } from "./index.ts";
import { endStandingBy } from "./standing-approvals.ts";

/** A person in every organisation, a person in one, or everybody in one. */
export type Whose =
  | { readonly user: string; readonly org?: string }
  | { readonly org: string; readonly user?: undefined };

/**
 * Ends whatever acts for a person, or in an organisation: sessions, grants with their tokens, connections with their
 * credentials, and waiting approvals. What a person made for an organisation stays with it. Rows that audit events name
 * stay, emptied.
 * @returns the connections that were closed
 */
export async function closeEverythingOf(trx: Db, whose: Whose, now: number): Promise<string[]> {
  await endAccess(trx, whose, now);
  await endWaiting(trx, whose, now);
  if (whose.user === undefined) {
    await endPrograms(trx, whose.org, now);
    for (const table of OF_ORG_ALONE) await trx.deleteFrom(table).where("org_id", "=", whose.org).execute();
  }
  return await closeConnections(trx, whose, now);
}

/** Browsers and applications. */
async function endAccess(trx: Db, { org, user }: Whose, now: number) {
  const grants = trx
    .selectFrom("oauth_grants")
    .select("id")
    .$if(user !== undefined, (query) => query.where("user_id", "=", user!))
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!));
  await trx
    .deleteFrom("sessions")
    .$if(user !== undefined, (query) => query.where("user_id", "=", user!))
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .execute();
  await trx
    .deleteFrom("oauth_artifacts")
    .where((row) => {
      const ofGrants = row.or([
        row("grant_id", "in", grants),
        row.and([row("model", "=", "Grant"), row("id_hash", "in", grants)]),
      ]);
      // The library's own sessions are of no organisation: they end with the person.
      return user !== undefined && org === undefined ? row.or([row("user_id", "=", user), ofGrants]) : ofGrants;
    })
    .execute();
  await trx
    .updateTable("oauth_grants")
    .set({ revoked_at: now })
    .where("id", "in", grants)
    .where("revoked_at", "is", null)
    .execute();
}

/** What names companies, leads out of the house, or says what somebody decided or did there. */
const OF_ORG_ALONE = ["customer_links", "customers", "audit_webhooks", "approval_notices", "policies", "alert_seen"] as const; // biome-ignore format: one thought

/** Programs that call in the name of an organisation go with it, with their secrets, not with who made them. */
async function endPrograms(trx: Db, org: string, now: number) {
  const programs = trx.selectFrom("service_clients").select("id").where("org_id", "=", org);
  await trx.deleteFrom("oauth_clients").where("id", "in", programs).execute();
  await trx
    .updateTable("service_clients")
    .set({ revoked_at: now })
    .where("org_id", "=", org)
    .where("revoked_at", "is", null)
    .execute();
}

/** What is under way, what others were to say yes to, and what they said yes to beforehand. */
async function endWaiting(trx: Db, { org, user }: Whose, now: number) {
  if (user !== undefined) await endStandingBy(trx, { org, user, now });
  if (user !== undefined) await forgetHabits(trx, { org, user });
  await trx
    .deleteFrom("vendor_sign_ins")
    .$if(user !== undefined, (query) => query.where("user_id", "=", user!))
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .execute();
  await trx
    .updateTable("approvals")
    .set({ status: "expired" })
    .$if(user !== undefined, (query) => query.where("user_id", "=", user!))
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .where("status", "in", ["pending", "approved"])
    .execute();
  await trx
    .updateTable("approvals")
    .set({ box: "", note_box: null })
    .$if(user !== undefined, (query) => query.where("user_id", "=", user!))
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .execute();
  for (const table of ["standing_approvals", "outbox", "member_customers", "customer_imports"] as const)
    await trx
      .deleteFrom(table)
      .$if(user !== undefined, (query) => query.where("user_id", "=", user!))
      .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
      .execute();
  await trx
    .updateTable("invitations")
    .set({ revoked_at: now, email: null })
    .$if(user !== undefined, (query) =>
      query.where((row) =>
        row.or([
          row("created_by", "=", user!),
          row("email", "=", row.selectFrom("users").select("users.email").where("users.id", "=", user!)),
        ]),
      ),
    )
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .execute();
  await trx
    .deleteFrom("ownership_offers")
    .$if(user !== undefined, (query) =>
      query.where((row) => row.or([row("from_user", "=", user!), row("to_user", "=", user!)])),
    )
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .execute();
}

async function closeConnections(trx: Db, { org, user }: Whose, now: number): Promise<string[]> {
  await trx
    .deleteFrom("connection_users")
    .$if(user !== undefined, (query) => query.where("kind", "=", "person").where("who", "=", user!))
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .execute();
  await trx
    .deleteFrom("credentials")
    .$if(user !== undefined, (query) => query.where("owner_id", "=", user!))
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .execute();
  const closed = await trx
    .updateTable("connections")
    .set({ status: "revoked", label: "", fields: "{}", last_error: null, updated_at: now })
    .$if(user !== undefined, (query) => query.where("owner_id", "=", user!))
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .returning("id")
    .execute();
  return closed.map(({ id }) => id);
}

/** All ways of a person to sign in, finished or begun, besides the password. */
export async function forgetSignIns(trx: Db, user: string): Promise<void> {
  const tables = ["passkeys", "totp_secrets", "recovery_codes", "pending_sign_ins", "sso_states", "passkey_challenges"] as const; // biome-ignore format: one thought
  for (const table of tables) await trx.deleteFrom(table).where("user_id", "=", user).execute();
  await eraseIdentities(trx, user);
}

/** The owners of keys: a person has one in each organisation, an organisation one for what it shares. */
export const keysOf = (trx: Db, { org, user }: Whose): Promise<{ org_id: string; owner_id: string }[]> =>
  trx
    .selectFrom("user_keys")
    .select(["org_id", "owner_id"])
    .$if(user !== undefined, (query) => query.where("owner_id", "=", user!))
    .$if(org !== undefined, (query) => query.where("org_id", "=", org!))
    .execute();

/**
 * SQLite overwrites what is deleted, but its journal keeps older copies of the pages until it is cut off. Call it after
 * the transaction that deleted keys. On PostgreSQL that is vacuum's business.
 */
export async function forgetDeleted(db: Db): Promise<void> {
  if (db.getExecutor().adapter instanceof SqliteAdapter) await sql`pragma wal_checkpoint(truncate)`.execute(db);
}
