import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Types } from "./index.ts";

/** The entities the gateway starts with. Whatever belongs to an organisation says so in `org_id`. */
export const start = (types: Types): Migration => ({
  async up(db: Kysely<unknown>) {
    await people(db);
    await vault(db, types);
    await oauth(db);
    await approvals(db, types);
    await audit(db);
  },
});

async function people(db: Kysely<unknown>) {
  await db.schema
    .createTable("orgs")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("personal_of", "text", (column) => column.unique())
    .addColumn("writes_enabled", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("policy_version", "integer", (column) => column.notNull().defaultTo(1))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("users")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("email", "text", (column) => column.notNull().unique())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("password", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("disabled_at", "bigint")
    .addColumn("erased_at", "bigint")
    .execute();
  await db.schema
    .createTable("memberships")
    .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("active", "integer", (column) => column.notNull().defaultTo(1))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("memberships_pk", ["org_id", "user_id"])
    .execute();
  await db.schema.createIndex("memberships_user").on("memberships").column("user_id").execute();
  await db.schema
    .createTable("sessions")
    .addColumn("id_hash", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_seen_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("sessions_user").on("sessions").column("user_id").execute();
  await db.schema.createIndex("sessions_expiry").on("sessions").column("expires_at").execute();
  await db.schema
    .createTable("setup_tokens")
    .addColumn("id_hash", "text", (column) => column.primaryKey())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("used_at", "bigint")
    .execute();
}

async function vault(db: Kysely<unknown>, { bytes }: Types) {
  await db.schema
    .createTable("user_keys")
    .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
    .addColumn("owner_id", "text", (column) => column.notNull())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addColumn("kid", "text", (column) => column.notNull())
    .addColumn("wrapped", bytes, (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("user_keys_pk", ["org_id", "owner_id"])
    .execute();
  await db.schema.createIndex("user_keys_kid").on("user_keys").column("kid").execute();
  await db.schema
    .createTable("connections")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
    .addColumn("owner_id", "text", (column) => column.notNull())
    .addColumn("vendor", "text", (column) => column.notNull())
    .addColumn("label", "text", (column) => column.notNull())
    .addColumn("fields", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("last_used_at", "bigint")
    .addColumn("last_ok_at", "bigint")
    .addColumn("last_error", "text")
    .addColumn("last_error_at", "bigint")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("connections_owner")
    .on("connections")
    .columns(["org_id", "owner_id", "vendor"])
    .execute();
  await db.schema
    .createTable("credentials")
    .addColumn("connection_id", "text", (column) =>
      column.primaryKey().references("connections.id").onDelete("cascade"),
    )
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("owner_id", "text", (column) => column.notNull())
    .addColumn("vendor", "text", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("wrapped_key", bytes, (column) => column.notNull())
    .addColumn("box", bytes, (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("credentials_owner").on("credentials").columns(["org_id", "owner_id"]).execute();
}

async function oauth(db: Kysely<unknown>) {
  await db.schema
    .createTable("oauth_artifacts")
    .addColumn("model", "text", (column) => column.notNull())
    .addColumn("id_hash", "text", (column) => column.notNull())
    .addColumn("org_id", "text")
    .addColumn("grant_id", "text")
    .addColumn("uid", "text")
    .addColumn("user_id", "text")
    .addColumn("payload", "text", (column) => column.notNull())
    .addColumn("consumed_at", "bigint")
    .addColumn("expires_at", "bigint")
    .addPrimaryKeyConstraint("oauth_artifacts_pk", ["model", "id_hash"])
    .execute();
  for (const column of ["grant_id", "uid", "user_id", "expires_at"]) {
    await db.schema
      .createIndex(`oauth_artifacts_${column}`)
      .on("oauth_artifacts")
      .column(column)
      .where(column as never, "is not", null)
      .execute();
  }
  await db.schema
    .createTable("oauth_clients")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("payload", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint")
    .execute();
  await db.schema.createIndex("oauth_clients_use").on("oauth_clients").columns(["kind", "last_used_at"]).execute();
  await db.schema
    .createTable("oauth_grants")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("client_id", "text", (column) => column.notNull())
    .addColumn("client_name", "text", (column) => column.notNull())
    .addColumn("resource", "text", (column) => column.notNull())
    .addColumn("vendor", "text", (column) => column.notNull())
    .addColumn("connection_id", "text")
    .addColumn("scopes", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint")
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("revoked_at", "bigint")
    .execute();
  await db.schema.createIndex("oauth_grants_user").on("oauth_grants").columns(["user_id", "org_id"]).execute();
  await db.schema.createIndex("oauth_grants_client").on("oauth_grants").column("client_id").execute();
}

async function approvals(db: Kysely<unknown>, { bytes }: Types) {
  await db.schema
    .createTable("approvals")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("client_id", "text", (column) => column.notNull())
    .addColumn("connection_id", "text", (column) => column.notNull())
    .addColumn("tool", "text", (column) => column.notNull())
    .addColumn("call_hash", "text", (column) => column.notNull())
    .addColumn("arguments_box", bytes, (column) => column.notNull())
    .addColumn("preview", "text", (column) => column.notNull())
    .addColumn("tier", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("approver_id", "text")
    .addColumn("decided_at", "bigint")
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("consumed_call_id", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("approvals_inbox").on("approvals").columns(["org_id", "status"]).execute();
}

async function audit(db: Kysely<unknown>) {
  await db.schema
    .createTable("audit_events")
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("actor_id", "text", (column) => column.notNull())
    .addColumn("actor_type", "text", (column) => column.notNull())
    .addColumn("vendor", "text")
    .addColumn("tool", "text")
    .addColumn("request_id", "text")
    .addColumn("call_id", "text")
    .addColumn("detail", "text", (column) => column.notNull())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("prev_mac", "text", (column) => column.notNull())
    .addColumn("mac", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("audit_events_pk", ["org_id", "seq"])
    .execute();
  await db.schema.createIndex("audit_events_status").on("audit_events").columns(["org_id", "status", "at"]).execute();
  await db.schema
    .createTable("audit_heads")
    .addColumn("org_id", "text", (column) => column.primaryKey())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("mac", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("rate_counters")
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("window_start", "bigint", (column) => column.notNull())
    .addColumn("count", "integer", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("rate_counters_expiry").on("rate_counters").column("expires_at").execute();
}
