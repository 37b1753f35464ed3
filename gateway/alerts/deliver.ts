import { postWebhook, type WebhookTarget } from "../audit/standard-webhook.ts";
import * as alerts from "../database/alerts.ts";
import { orgsWithWebhook } from "../database/audit-webhooks.ts";
import type { Db } from "../database/index.ts";
import { countUse, forgetUses } from "../database/rate-counters.ts";
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
const ORGS_AT_ONCE = 8;

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

/** One replica at a time posts an organisation's alerts. It stops in time, so that one that died is all this is waited for. */
const TURN = { max: 1, windowMs: 60_000 };
const BUSY_MS = 30_000;

/** Organisations side by side: one whose webhook hangs holds up few others, and none for long. */
async function deliver(way: Way): Promise<void> {
  const waiting = await alerts.orgsWithUndelivered(way.db);
  if (waiting.length === 0) return;
  const wanted = await orgsWithWebhook(way.db, "sends_alerts");
  const worker = async () => {
    for (let org = waiting.shift(); org !== undefined; org = waiting.shift())
      await deliverTo(org, wanted.has(org), way);
  };
  await Promise.all(Array.from({ length: ORGS_AT_ONCE }, worker));
}

async function deliverTo(org: string, isWanted: boolean, way: Way): Promise<void> {
  const { db, clock, onFailure } = way;
  const turn = `alert-delivery:${org}`;
  if (!(await countUse(db, turn, TURN, clock.now())).allowed) return;
  try {
    await deliverOf(org, isWanted, way);
  } catch (error) {
    onFailure(error, org); // in order, and again the next time
  } finally {
    await forgetUses(db, turn);
  }
}

/** What waits is read again: another replica may have posted it before it was our turn. */
async function deliverOf(org: string, isWanted: boolean, { db, clock, fetch, targetOf }: Way) {
  const end = clock.now() + BUSY_MS;
  for (const alert of await alerts.undelivered(db, MOST_AT_ONCE, org)) {
    if (clock.now() > end) return;
    const target = isWanted ? await targetOf(org) : undefined;
    if (target) await postWebhook(target, messageOf(alert), { fetch, now: () => clock.now() });
    await alerts.noteDelivered(db, alert.id, clock.now());
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
