import { beginCursor } from "./audit-cursors.ts";
import { findHead } from "./audit-events.ts";
import type { Db } from "./index.ts";
import type { AuditWebhookRow } from "./schema.ts";

/** The reader whose cursors say how far the webhooks of organisations are. */
export const ORG_WEBHOOKS = "webhook";

export const findWebhook = (db: Db, org: string): Promise<AuditWebhookRow | undefined> =>
  db.selectFrom("audit_webhooks").selectAll().where("org_id", "=", org).executeTakeFirst();

/** Sets it up or changes it. A webhook that begins to take events takes those from now on. */
export async function putWebhook(trx: Db, row: AuditWebhookRow): Promise<void> {
  const before = await findWebhook(trx, row.org_id);
  await trx
    .insertInto("audit_webhooks")
    .values(row)
    .onConflict((conflict) => {
      const { org_id, created_at, ...changed } = row;
      return conflict.column("org_id").doUpdateSet(changed);
    })
    .execute();
  if (row.sends_events && !before?.sends_events)
    await beginCursor(trx, ORG_WEBHOOKS, row.org_id, (await findHead(trx, row.org_id))?.seq ?? 0);
}

export async function deleteWebhook(trx: Db, org: string): Promise<void> {
  await trx.deleteFrom("audit_webhooks").where("org_id", "=", org).execute();
}

export async function orgsWithWebhook(db: Db, what: "sends_events" | "sends_alerts"): Promise<Set<string>> {
  const rows = await db.selectFrom("audit_webhooks").select("org_id").where(what, "=", 1).execute();
  return new Set(rows.map(({ org_id }) => org_id));
}
