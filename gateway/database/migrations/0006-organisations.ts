import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Organisations of several people: how they join, how one hands on, and which connections they share. */
export const organisations: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable("orgs").addColumn("deleted_at", "bigint").execute();
    await db.schema.alterTable("memberships").addColumn("last_seen_at", "bigint").execute();
    await db.schema
      .alterTable("vendor_sign_ins")
      .addColumn("shared", "integer", (column) => column.notNull().defaultTo(0))
      .execute();
    await invitations(db);
    await ownershipOffers(db);
    await connectionUsers(db);
  },
};

async function invitations(db: Kysely<unknown>) {
  await db.schema
    .createTable("invitations")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
    .addColumn("token_hash", "text", (column) => column.notNull().unique())
    .addColumn("email", "text")
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull().references("users.id"))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("used_at", "bigint")
    .addColumn("revoked_at", "bigint")
    .execute();
  await db.schema.createIndex("invitations_org").on("invitations").columns(["org_id", "created_at"]).execute();
}

async function ownershipOffers(db: Kysely<unknown>) {
  await db.schema
    .createTable("ownership_offers")
    .addColumn("org_id", "text", (column) => column.primaryKey().references("orgs.id"))
    .addColumn("from_user", "text", (column) => column.notNull().references("users.id"))
    .addColumn("to_user", "text", (column) => column.notNull().references("users.id"))
    .addColumn("stays_owner", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
}

async function connectionUsers(db: Kysely<unknown>) {
  await db.schema
    .createTable("connection_users")
    .addColumn("connection_id", "text", (column) => column.notNull().references("connections.id").onDelete("cascade"))
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("who", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("connection_users_pk", ["connection_id", "kind", "who"])
    .execute();
  await db.schema.createIndex("connection_users_who").on("connection_users").columns(["org_id", "who"]).execute();
}
