import type { Db } from "../database/index.ts";
import type { UsageDayRow, UsageLatencyRow } from "../database/schema.ts";
import { addCounts, type CountedEvent, holdProgress, orgsToCount, readForCounting } from "../database/usage-days.ts";

export const DAY_MS = 86_400_000;

/** Read and counted in one transaction. */
const AT_ONCE = 2000;

/**
 * Counts the calls that the audit log has and the daily figures have not: each exactly once, because the place in the log moves
 * in the transaction that adds.
 * @param most how many events to look at, for a page that does not want to wait for a long past
 * @returns whether everything is counted
 */
export async function countUsage(db: Db, org: string, { most = Number.POSITIVE_INFINITY } = {}): Promise<boolean> {
  for (let looked = 0; looked < most; looked += AT_ONCE) {
    const read = await db.transaction().execute(async (trx) => {
      const after = await holdProgress(trx, org);
      const events = await readForCounting(trx, org, after, AT_ONCE);
      if (events.length > 0) await addCounts(trx, org, { ...countsOf(org, events), seq: events.at(-1)!.seq });
      return events.length;
    });
    if (read < AT_ONCE) return true;
  }
  return false;
}

export async function countAllUsage(db: Db): Promise<void> {
  for (const org of await orgsToCount(db)) await countUsage(db, org);
}

const ENDS = ["success", "error", "timeout", "denied"] as const;
type End = (typeof ENDS)[number];

function countsOf(org_id: string, events: readonly CountedEvent[]) {
  const days = new Map<string, UsageDayRow>();
  const latencies = new Map<string, UsageLatencyRow>();
  for (const { at, type, status, actor_id, vendor: ofVendor, tool: ofTool, client: ofClient, customer: ofCustomer, detail } of events) {
    if (type !== "tool.call" || !isEnd(status)) continue;
    const [vendor, tool, client, customer] = [ofVendor ?? "", ofTool ?? "", ofClient ?? "", ofCustomer ?? ""];
    const { durationMs, cached } = JSON.parse(detail) as { durationMs?: number; cached?: boolean };
    const day = Math.floor(at / DAY_MS);
    const key = JSON.stringify([day, tool, actor_id, client, customer, vendor]);
    const row = days.get(key) ?? { org_id, day, vendor, tool, actor_id, client, customer, success: 0, error: 0, timeout: 0, denied: 0, cached: 0 };
    row[status]++;
    if (cached === true) row.cached++;
    days.set(key, row);
    if (status === "denied" || durationMs === undefined) continue;
    const bucket = bucketOf(durationMs);
    const place = JSON.stringify([day, tool, vendor, bucket]);
    const time = latencies.get(place) ?? { org_id, day, vendor, tool, bucket, calls: 0 };
    time.calls++;
    latencies.set(place, time);
  }
  return { days: [...days.values()], latencies: [...latencies.values()] };
} // biome-ignore format: one thought

const isEnd = (status: string): status is End => (ENDS as readonly string[]).includes(status);

/** Each bucket is a tenth wider than the one before, so a time read from it is at most a twentieth off. */
const WIDER = 1.1;

const bucketOf = (ms: number): number => (ms <= 1 ? 0 : Math.round(Math.log(ms) / Math.log(WIDER)));

/** The time within which this share of the calls was over, in milliseconds; undefined without calls. */
export function within(share: number, buckets: readonly { bucket: number; calls: number }[]): number | undefined {
  const sorted = buckets.toSorted((a, b) => a.bucket - b.bucket);
  const total = sorted.reduce((sum, { calls }) => sum + calls, 0);
  let seen = 0;
  for (const { bucket, calls } of sorted) {
    seen += calls;
    if (seen >= share * total) return Math.round(WIDER ** bucket);
  }
  return undefined;
}
