import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Counts per day, so that figures of a quarter do not read a million events; and what the pages of an organisation look up. */
export const usage: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("usage_days")
      .addColumn("org_id", "text", (column) => column.notNull())
      .addColumn("day", "integer", (column) => column.notNull())
      .addColumn("vendor", "text", (column) => column.notNull())
      .addColumn("tool", "text", (column) => column.notNull())
      .addColumn("actor_id", "text", (column) => column.notNull())
      .addColumn("client", "text", (column) => column.notNull())
      .addColumn("customer", "text", (column) => column.notNull())
      .addColumn("success", "bigint", (column) => column.notNull())
      .addColumn("error", "bigint", (column) => column.notNull())
      .addColumn("timeout", "bigint", (column) => column.notNull())
      .addColumn("denied", "bigint", (column) => column.notNull())
      .addColumn("cached", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("usage_days_pk", ["org_id", "day", "tool", "actor_id", "client", "customer", "vendor"])
      .execute();
    await db.schema
      .createTable("usage_latencies")
      .addColumn("org_id", "text", (column) => column.notNull())
      .addColumn("day", "integer", (column) => column.notNull())
      .addColumn("vendor", "text", (column) => column.notNull())
      .addColumn("tool", "text", (column) => column.notNull())
      .addColumn("bucket", "integer", (column) => column.notNull())
      .addColumn("calls", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("usage_latencies_pk", ["org_id", "day", "tool", "bucket", "vendor"])
      .execute();
    await db.schema
      .createTable("usage_progress")
      .addColumn("org_id", "text", (column) => column.primaryKey())
      .addColumn("seq", "bigint", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("tool_versions")
      .addColumn("hash", "text", (column) => column.primaryKey())
      .addColumn("tool", "text", (column) => column.notNull())
      .addColumn("snapshot", "text", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("oauth_grants_org").on("oauth_grants").columns(["org_id", "client_id"]).execute();
  },
};
