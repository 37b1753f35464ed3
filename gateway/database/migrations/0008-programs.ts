import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Programs that call in the name of an organisation, each with the connections it was given. */
export const programs: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("service_clients")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("role", "text", (column) => column.notNull())
      .addColumn("scopes", "text", (column) => column.notNull())
      .addColumn("created_by", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("expires_at", "bigint", (column) => column.notNull())
      .addColumn("last_used_at", "bigint")
      .addColumn("revoked_at", "bigint")
      .execute();
    await db.schema.createIndex("service_clients_org").on("service_clients").column("org_id").execute();
    await db.schema
      .createTable("service_connections")
      .addColumn("service_id", "text", (column) =>
        column.notNull().references("service_clients.id").onDelete("cascade"),
      )
      .addColumn("org_id", "text", (column) => column.notNull())
      .addColumn("vendor", "text", (column) => column.notNull())
      .addColumn("connection_id", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("service_connections_pk", ["service_id", "vendor"])
      .execute();
  },
};
