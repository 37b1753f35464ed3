import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** What a person has to say yes to, what was allowed beforehand, and the letters about it. */
export const approvals: Migration = {
  async up(db: Kysely<unknown>) {
    // Nothing has ever been written to the table of the beginning.
    await db.schema.dropTable("approvals").execute();
    await records(db);
    await standing(db);
    await outbox(db);
  },
};

async function records(db: Kysely<unknown>) {
  await db.schema
    .createTable("approvals")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("client_id", "text", (column) => column.notNull())
    .addColumn("client_name", "text", (column) => column.notNull())
    .addColumn("vendor", "text", (column) => column.notNull())
    .addColumn("tool", "text", (column) => column.notNull())
    .addColumn("access", "text", (column) => column.notNull())
    .addColumn("tool_hash", "text", (column) => column.notNull())
    .addColumn("connections", "text", (column) => column.notNull())
    .addColumn("policy_version", "integer", (column) => column.notNull())
    .addColumn("call_hash", "text", (column) => column.notNull())
    .addColumn("wish_hash", "text", (column) => column.notNull())
    .addColumn("needs", "text", (column) => column.notNull())
    .addColumn("fresh", "integer", (column) => column.notNull())
    .addColumn("box", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("rule", "text")
    .addColumn("approver_id", "text")
    .addColumn("approver_role", "text")
    .addColumn("note_box", "text")
    .addColumn("decided_at", "bigint")
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("consumed_call_id", "text")
    .addColumn("consumed_at", "bigint")
    .addColumn("run_until", "bigint")
    .addColumn("outcome", "text")
    .addColumn("finished_at", "bigint")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  const index = (name: string, columns: string[]) =>
    db.schema.createIndex(name).on("approvals").columns(columns).execute();
  await index("approvals_inbox", ["org_id", "status", "created_at"]);
  await index("approvals_call", ["org_id", "call_hash"]);
  await index("approvals_wish", ["org_id", "wish_hash"]);
  await index("approvals_person", ["org_id", "user_id", "created_at"]);
  await index("approvals_run", ["outcome", "run_until"]);
  // However many processes ask at once, a call has one record that waits.
  await sql`create unique index approvals_open on approvals (org_id, call_hash) where status in ('pending', 'approved')`.execute(
    db,
  );
}

async function standing(db: Kysely<unknown>) {
  await db.schema
    .createTable("standing_approvals")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("client_id", "text", (column) => column.notNull())
    .addColumn("client_name", "text", (column) => column.notNull())
    .addColumn("vendor", "text", (column) => column.notNull())
    .addColumn("tool", "text", (column) => column.notNull())
    .addColumn("tool_hash", "text", (column) => column.notNull())
    .addColumn("connections", "text", (column) => column.notNull())
    .addColumn("policy_version", "integer", (column) => column.notNull())
    .addColumn("customer_id", "text")
    .addColumn("free_names", "text", (column) => column.notNull())
    .addColumn("fixed_hash", "text", (column) => column.notNull())
    .addColumn("fixed_box", "text", (column) => column.notNull())
    .addColumn("uses", "integer", (column) => column.notNull())
    .addColumn("max_uses", "integer", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("ended_by", "text")
    .addColumn("ended_at", "bigint")
    .execute();
  await db.schema
    .createIndex("standing_approvals_tool")
    .on("standing_approvals")
    .columns(["org_id", "user_id", "tool"])
    .execute();
}

async function outbox(db: Kysely<unknown>) {
  await db.schema
    .createTable("outbox")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("way", "text", (column) => column.notNull())
    .addColumn("user_id", "text")
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("tries", "integer", (column) => column.notNull())
    .addColumn("due_at", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("outbox_due").on("outbox").column("due_at").execute();
  await db.schema
    .createTable("approval_notices")
    .addColumn("org_id", "text", (column) => column.primaryKey())
    .addColumn("webhook", "integer", (column) => column.notNull())
    .addColumn("mail", "integer", (column) => column.notNull())
    .execute();
}
