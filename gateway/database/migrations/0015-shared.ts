import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { Types } from "./index.ts";

/**
 * What replicas count together without Redis. Losing these costs a minute, so PostgreSQL keeps them out of its log: a crash of
 * the server empties them, and a standby does not have them. Counters against guessing stay in `rate_counters`.
 */
export const shared = ({ bytes }: Types): Migration => ({
  async up(db: Kysely<unknown>) {
    const table = (name: string) => {
      const made = db.schema.createTable(name);
      return bytes === "bytea" ? made.modifyFront(sql`unlogged`) : made;
    };
    await table("call_counters")
      .addColumn("key", "text", (column) => column.primaryKey())
      .addColumn("window_start", "bigint", (column) => column.notNull())
      .addColumn("count", "integer", (column) => column.notNull())
      .addColumn("expires_at", "bigint", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("call_counters_expiry").on("call_counters").column("expires_at").execute();
    await table("budget_slots")
      .addColumn("key", "text", (column) => column.notNull())
      .addColumn("slot", "bigint", (column) => column.notNull())
      .addColumn("spent", "integer", (column) => column.notNull())
      .addColumn("expires_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("budget_slots_pk", ["key", "slot"])
      .execute();
    await db.schema.createIndex("budget_slots_expiry").on("budget_slots").column("expires_at").execute();
  },
});
