import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** One address for all vendors: a grant for it is bound to one connection of each. */
export const allVendors: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("grant_connections")
      .addColumn("grant_id", "text", (column) => column.notNull().references("oauth_grants.id").onDelete("cascade"))
      .addColumn("org_id", "text", (column) => column.notNull())
      .addColumn("vendor", "text", (column) => column.notNull())
      .addColumn("connection_id", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("grant_connections_pk", ["grant_id", "vendor"])
      .execute();
    await db.schema
      .createIndex("grant_connections_connection")
      .on("grant_connections")
      .column("connection_id")
      .execute();
  },
};
