import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Vendors that sign people in themselves: whose tokens end and are renewed, and who is on the way there right now. */
export const vendorSignIn: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable("connections")
      .addColumn("signed_in", "integer", (column) => column.notNull().defaultTo(0))
      .execute();
    await db.schema.alterTable("credentials").addColumn("expires_at", "bigint").execute();
    await db.schema.alterTable("credentials").addColumn("leased_until", "bigint").execute();
    await db.schema.createIndex("credentials_expiry").on("credentials").column("expires_at").execute();
    await db.schema
      .createTable("vendor_sign_ins")
      .addColumn("state_hash", "text", (column) => column.primaryKey())
      .addColumn("session_hash", "text", (column) => column.notNull())
      .addColumn("org_id", "text", (column) => column.notNull())
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("vendor", "text", (column) => column.notNull())
      .addColumn("connection_id", "text")
      .addColumn("label", "text", (column) => column.notNull())
      .addColumn("return_to", "text", (column) => column.notNull())
      .addColumn("box", "text", (column) => column.notNull())
      .addColumn("expires_at", "bigint", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("vendor_sign_ins_expiry").on("vendor_sign_ins").column("expires_at").execute();
  },
};
