import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { Types } from "./index.ts";

/** Ways to sign in besides a password: a provider, a passkey, codes; and how and when a session was made. */
export const signIn = (types: Types): Migration => ({
  async up(db: Kysely<unknown>) {
    await sessions(db);
    await identities(db);
    await secondFactors(db, types);
    await underWay(db);
  },
});

async function sessions(db: Kysely<unknown>) {
  await db.schema
    .alterTable("sessions")
    .addColumn("methods", "text", (column) => column.notNull().defaultTo("password"))
    .execute();
  await db.schema
    .alterTable("sessions")
    .addColumn("authenticated_at", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`update sessions set authenticated_at = created_at`.execute(db);
}

async function identities(db: Kysely<unknown>) {
  await db.schema
    .createTable("identities")
    .addColumn("issuer", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("label", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint")
    .addPrimaryKeyConstraint("identities_pk", ["issuer", "subject"])
    .execute();
  await db.schema.createIndex("identities_user").on("identities").column("user_id").execute();
}

async function secondFactors(db: Kysely<unknown>, { bytes }: Types) {
  await db.schema
    .createTable("passkeys")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("public_key", bytes, (column) => column.notNull())
    .addColumn("counter", "bigint", (column) => column.notNull())
    .addColumn("transports", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint")
    .execute();
  await db.schema.createIndex("passkeys_user").on("passkeys").column("user_id").execute();
  await db.schema
    .createTable("totp_secrets")
    .addColumn("user_id", "text", (column) => column.primaryKey().references("users.id"))
    .addColumn("box", "text", (column) => column.notNull())
    .addColumn("confirmed_at", "bigint")
    .addColumn("last_step", "bigint", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("recovery_codes")
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("code_hash", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("recovery_codes_pk", ["user_id", "code_hash"])
    .execute();
}

/** What has begun in a browser and is not finished: each row counts once, and for minutes. */
async function underWay(db: Kysely<unknown>) {
  await db.schema
    .createTable("sso_states")
    .addColumn("state_hash", "text", (column) => column.primaryKey())
    .addColumn("browser_hash", "text", (column) => column.notNull())
    .addColumn("purpose", "text", (column) => column.notNull())
    .addColumn("user_id", "text")
    .addColumn("session_hash", "text")
    .addColumn("interaction", "text")
    .addColumn("return_to", "text", (column) => column.notNull())
    .addColumn("box", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("sso_states_expiry").on("sso_states").column("expires_at").execute();
  await db.schema
    .createTable("pending_sign_ins")
    .addColumn("token_hash", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("methods", "text", (column) => column.notNull())
    .addColumn("authenticated_at", "bigint", (column) => column.notNull())
    .addColumn("session_hash", "text")
    .addColumn("interaction", "text")
    .addColumn("return_to", "text", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("pending_sign_ins_expiry").on("pending_sign_ins").column("expires_at").execute();
  await db.schema
    .createTable("passkey_challenges")
    .addColumn("challenge_hash", "text", (column) => column.primaryKey())
    .addColumn("browser_hash", "text", (column) => column.notNull())
    .addColumn("user_id", "text")
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("passkey_challenges_expiry").on("passkey_challenges").column("expires_at").execute();
}
