import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** One rotation of each kind at a time, and how far it is. */
export const keyRotation: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("key_rotations")
      .addColumn("kind", "text", (column) => column.primaryKey())
      .addColumn("scope", "text", (column) => column.notNull())
      .addColumn("started_at", "bigint", (column) => column.notNull())
      .addColumn("finished_at", "bigint")
      .addColumn("done", "bigint", (column) => column.notNull())
      .addColumn("holder", "text", (column) => column.notNull())
      .addColumn("leased_until", "bigint", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("key_holders")
      .addColumn("process", "text", (column) => column.primaryKey())
      .addColumn("names", "text", (column) => column.notNull())
      .addColumn("started_at", "bigint", (column) => column.notNull())
      .addColumn("seen_at", "bigint", (column) => column.notNull())
      .execute();
  },
};
