import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What an organisation has decided, version by version, and which tools the operator has switched off. */
export const policies: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("policies")
      .addColumn("org_id", "text", (column) => column.notNull().references("orgs.id"))
      .addColumn("version", "integer", (column) => column.notNull())
      .addColumn("document", "text", (column) => column.notNull())
      .addColumn("created_by", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("policies_pk", ["org_id", "version"])
      .execute();
    await db.schema
      .createTable("installation")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("tools_off", "text", (column) => column.notNull())
      .execute();
    await (db as Kysely<Before>).insertInto("installation").values({ id: 1, tools_off: "" }).execute();
    await takeOver(db as Kysely<Before>);
    // `writes_enabled` and `extended_vendors` stay in `orgs`, unread: a replica of before may still serve.
  },
};

interface Before {
  installation: { id: number; tools_off: string };
  orgs: {
    id: string;
    writes_enabled: number;
    extended_vendors: string;
    policy_version: number;
    created_at: number;
  };
  policies: { org_id: string; version: number; document: string; created_by: string; created_at: number };
}

/** What was switched stays switched. */
async function takeOver(db: Kysely<Before>) {
  const switched = await db
    .selectFrom("orgs")
    .selectAll()
    .where((row) => row.or([row("writes_enabled", "=", 1), row("extended_vendors", "!=", "")]))
    .execute();
  for (const { id, writes_enabled, extended_vendors, policy_version, created_at } of switched) {
    const document = JSON.stringify({
      switches: { write: writes_enabled === 1, destroy: false, reveal: false },
      extended: extended_vendors.split(" ").filter(Boolean),
    });
    const row = { org_id: id, version: policy_version, document, created_by: "migration", created_at };
    await db.insertInto("policies").values(row).execute();
  }
}
