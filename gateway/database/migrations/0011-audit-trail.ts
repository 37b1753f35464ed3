import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { Types } from "./index.ts";

/** What makes the trail searchable, anchored, deliverable and watched. */
export const auditTrail = (types: Types): Migration => ({
  async up(db: Kysely<unknown>) {
    await search(db, types);
    await anchors(db);
    await delivery(db);
    await alerts(db);
  },
});

/** Copies of what `detail` says, under an index each. The chain covers `detail`, and verifying compares the copies. */
const COPIES = ["client", "customer", "rule", "tier"] as const;

async function search(db: Kysely<unknown>, { bytes }: Types) {
  for (const column of COPIES) await db.schema.alterTable("audit_events").addColumn(column, "text").execute();
  const copy = (name: string) =>
    bytes === "blob" ? sql`json_extract(detail, ${sql.lit(`$.${name}`)})` : sql`(detail::jsonb)->>${sql.lit(name)}`;
  await sql`update audit_events set ${sql.join(COPIES.map((name) => sql`${sql.ref(name)} = ${copy(name)}`))}`.execute(
    db,
  );
  const index = (name: string, columns: string[]) =>
    db.schema.createIndex(`audit_events_${name}`).on("audit_events").columns(["org_id", ...columns]); // biome-ignore format: one thought
  await index("at", ["at"]).execute();
  await index("type", ["type", "at"]).execute();
  await index("actor", ["actor_id", "at"]).execute();
  for (const column of ["vendor", "tool", "client", "customer", "call_id", "request_id"])
    await index(column, [column, "at"])
      .where(column as never, "is not", null)
      .execute();
  // Most events are allowed, and most are reads: those are found on the way, the others here.
  await index("rule", ["rule", "at"]).where(sql`rule <> 'allowed'` as never).execute(); // biome-ignore format: one thought
  await index("tier", ["tier", "at"]).where(sql`tier <> 'read'` as never).execute(); // biome-ignore format: one thought
}

async function anchors(db: Kysely<unknown>) {
  await db.schema
    .createTable("audit_anchors")
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("mac", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("signature", "text", (column) => column.notNull())
    .addColumn("file_at", "bigint")
    .addColumn("store_at", "bigint")
    .addPrimaryKeyConstraint("audit_anchors_pk", ["org_id", "seq"])
    .execute();
  for (const column of ["base_seq", "keep_days"])
    await db.schema
      .alterTable("audit_heads")
      .addColumn(column, "bigint", (type) => type.notNull().defaultTo(0))
      .execute();
}

async function delivery(db: Kysely<unknown>) {
  await db.schema
    .createTable("audit_cursors")
    .addColumn("reader", "text", (column) => column.notNull())
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("leased_until", "bigint", (column) => column.notNull().defaultTo(0))
    .addColumn("failing_since", "bigint")
    .addPrimaryKeyConstraint("audit_cursors_pk", ["reader", "org_id"])
    .execute();
  await db.schema
    .createTable("audit_webhooks")
    .addColumn("org_id", "text", (column) => column.primaryKey())
    .addColumn("url", "text", (column) => column.notNull())
    .addColumn("secret_box", "text", (column) => column.notNull())
    .addColumn("sends_events", "integer", (column) => column.notNull())
    .addColumn("sends_alerts", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
}

async function alerts(db: Kysely<unknown>) {
  await db.schema
    .createTable("alerts")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("severity", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("count", "integer", (column) => column.notNull())
    .addColumn("first_seq", "bigint", (column) => column.notNull())
    .addColumn("last_seq", "bigint", (column) => column.notNull())
    .addColumn("first_at", "bigint", (column) => column.notNull())
    .addColumn("last_at", "bigint", (column) => column.notNull())
    .addColumn("facts", "text", (column) => column.notNull())
    .addColumn("decided_by", "text")
    .addColumn("decided_at", "bigint")
    .addColumn("delivered_at", "bigint")
    .execute();
  // One alert per kind and subject while it is not closed.
  await db.schema
    .createIndex("alerts_live")
    .unique()
    .on("alerts")
    .columns(["org_id", "kind", "subject"])
    .where(sql`state <> 'closed'` as never)
    .execute();
  await db.schema.createIndex("alerts_list").on("alerts").columns(["org_id", "last_at"]).execute();
  await db.schema
    .createIndex("alerts_undelivered")
    .on("alerts")
    .column("org_id")
    .where("delivered_at" as never, "is", null)
    .execute();
  await db.schema
    .createTable("alert_thresholds")
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("enabled", "integer", (column) => column.notNull())
    .addColumn("count", "integer", (column) => column.notNull())
    .addColumn("minutes", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("alert_thresholds_pk", ["org_id", "kind"])
    .execute();
  await db.schema
    .createTable("alert_seen")
    .addColumn("org_id", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("alert_seen_pk", ["org_id", "key"])
    .execute();
}
