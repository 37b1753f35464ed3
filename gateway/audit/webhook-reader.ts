import type { AuditEventRow } from "../database/schema.ts";
import type { EventReader } from "./readers.ts";
import { entityOf } from "./sinks.ts";
import { postWebhook, type WebhookTarget } from "./standard-webhook.ts";

/** Events to webhooks, in signed batches: the installation's own, or those that organisations have set up. */
export function webhookReader({
  name,
  orgs,
  targetOf,
  ...way
}: {
  name: string;
  orgs?: EventReader["orgs"];
  /** Undefined when the organisation has switched it off meanwhile. */
  targetOf(org: string): Promise<WebhookTarget | undefined>;
  fetch: typeof globalThis.fetch;
  now: () => number;
}): EventReader {
  return {
    name,
    orgs,
    most: 100,
    async deliver(org, rows) {
      const target = await targetOf(org);
      if (target) await postWebhook(target, messageOf(org, rows), way);
    },
  };
}

const messageOf = (org: string, rows: readonly AuditEventRow[]) => ({
  id: `audit_${org}_${rows[0]!.seq}_${rows.at(-1)!.seq}`,
  type: "audit.events",
  body: JSON.stringify({
    type: "audit.events",
    timestamp: new Date(rows.at(-1)!.at).toISOString(),
    data: { organisation: org, events: rows.map(entityOf) },
  }),
});
