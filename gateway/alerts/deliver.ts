import { postWebhook, type WebhookTarget } from "../audit/standard-webhook.ts";
import * as alerts from "../database/alerts.ts";
import { orgsWithWebhook } from "../database/audit-webhooks.ts";
import type { Db } from "../database/index.ts";
import type { AlertRow } from "../database/schema.ts";
import { isKind, KINDS } from "./kinds.ts";

interface Way {
  readonly db: Db;
  readonly clock: { now(): number };
  readonly fetch: typeof globalThis.fetch;
  targetOf(org: string): Promise<WebhookTarget | undefined>;
  /** Of one organisation, or of all when none is named. */
  onFailure(error: unknown, org?: string): void;
}

export interface AlertDelivery {
  /** Sends what waits. Never rejects. */
  run(): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

const MOST_AT_ONCE = 1000;

/** Sends what was opened to the webhooks of those organisations that want it; the others see it on their page alone. */
export function alertDelivery(way: Way): AlertDelivery {
  let last = Promise.resolve();
  return {
    // One after the other: a second run beside would send what the first is sending.
    run() {
      last = last.then(() => deliver(way)).catch((error) => way.onFailure(error));
      return last;
    },
    idle: () => last,
  };
}

async function deliver({ db, clock, fetch, targetOf, onFailure }: Way): Promise<void> {
  const waiting = await alerts.undelivered(db, MOST_AT_ONCE);
  if (waiting.length === 0) return;
  const wanted = await orgsWithWebhook(db, "sends_alerts");
  const failed = new Set<string>();
  for (const alert of waiting) {
    if (failed.has(alert.org_id)) continue;
    try {
      const target = wanted.has(alert.org_id) ? await targetOf(alert.org_id) : undefined;
      if (target) await postWebhook(target, messageOf(alert), { fetch, now: () => clock.now() });
      await alerts.noteDelivered(db, alert.id, clock.now());
    } catch (error) {
      failed.add(alert.org_id); // in order, and again the next time
      onFailure(error, alert.org_id);
    }
  }
}

const messageOf = (alert: AlertRow) => ({
  id: alert.id,
  type: "alert.opened",
  body: JSON.stringify({
    type: "alert.opened",
    timestamp: new Date(alert.first_at).toISOString(),
    data: alertFacts(alert),
  }),
});

/** An alert as programs get it. */
export const alertFacts = (alert: AlertRow) => ({
  id: alert.id,
  organisation: alert.org_id,
  kind: alert.kind,
  title: isKind(alert.kind) ? KINDS[alert.kind].title : alert.kind,
  severity: alert.severity,
  state: alert.state,
  subject: alert.subject,
  count: alert.count,
  first_seen: new Date(alert.first_at).toISOString(),
  last_seen: new Date(alert.last_at).toISOString(),
  first_event: alert.first_seq,
  last_event: alert.last_seq,
  facts: JSON.parse(alert.facts) as Record<string, unknown>,
});
