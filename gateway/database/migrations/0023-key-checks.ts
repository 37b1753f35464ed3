import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What the last look at the stored keys found, and who is at the next one. One row, from the first look on. */
export const keyChecks: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("key_checks")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("holder", "text", (column) => column.notNull())
      .addColumn("leased_until", "bigint", (column) => column.notNull())
      .addColumn("ended_at", "bigint")
      .addColumn("looked_at", "bigint", (column) => column.notNull())
      .addColumn("problems", "text", (column) => column.notNull())
      .execute();
  },
};
