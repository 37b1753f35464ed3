import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The client companies of an MSP, what each vendor calls them, and which members are limited to some. */
export const customers: Migration = {
  async up(db: Kysely<unknown>) {
    await companies(db);
    await limits(db);
    await imports(db);
  },
};

async function companies(db: Kysely<unknown>) {
  await db.schema
    .createTable("customers")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("name_key", "text", (column) => column.notNull())
    .addColumn("archived", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("customers_by_name")
    .on("customers")
    .columns(["org_id", "archived", "name_key", "id"])
    .execute();
  await db.schema
    .createTable("customer_links")
    .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
    .addColumn("vendor", "text", (column) => column.notNull())
    .addColumn("vendor_id", "text", (column) => column.notNull())
    .addColumn("connection_id", "text", (column) => column.notNull())
    .addColumn("customer_id", "text", (column) => column.notNull().references("customers.id"))
    .addColumn("vendor_name", "text", (column) => column.notNull())
    .addColumn("gone_at", "bigint")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("customer_links_pk", ["org_id", "vendor", "vendor_id", "connection_id"])
    .execute();
  await db.schema.createIndex("customer_links_customer").on("customer_links").column("customer_id").execute();
}

async function limits(db: Kysely<unknown>) {
  await db.schema
    .alterTable("memberships")
    .addColumn("limited", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createTable("member_customers")
    .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("customer_id", "text", (column) => column.notNull().references("customers.id"))
    .addPrimaryKeyConstraint("member_customers_pk", ["org_id", "user_id", "customer_id"])
    .execute();
  await db.schema.createIndex("member_customers_customer").on("member_customers").column("customer_id").execute();
}

async function imports(db: Kysely<unknown>) {
  await db.schema
    .createTable("customer_imports")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("vendor", "text", (column) => column.notNull())
    .addColumn("connection_id", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("rows_read", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("found", "text", (column) => column.notNull())
    .addColumn("problem", "text")
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("customer_imports_org").on("customer_imports").column("org_id").execute();
}
