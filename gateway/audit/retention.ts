import * as rows from "../database/audit-retention.ts";
import type { Db } from "../database/index.ts";
import type { Audit } from "./audit.ts";
import { RETAINED } from "./verify.ts";

interface House {
  readonly db: Db;
  readonly audit: Pick<Audit, "atomically">;
  readonly clock: { now(): number };
}

const DAY_MS = 86_400_000;

/** Between two steps others may write. */
const STEP = 5000;

/** Says how long an organisation keeps its events: so many days, or with 0 for ever. */
export async function setRetention(
  { audit }: Pick<House, "audit">,
  { org, days, actor, requestId }: { org: string; days: number; actor: string; requestId?: string },
): Promise<void> {
  await audit.atomically(async (trx, record) => {
    const before = await rows.keptDays(trx, org);
    const event = { org, type: "audit.retention", actor: { id: actor, type: "user" as const }, requestId };
    await record({ ...event, status: "success", detail: { before, days } });
    await rows.setKeptDays(trx, org, days);
  });
}

export interface Retained {
  readonly org: string;
  /** Up to which event. */
  readonly through: number;
  readonly removed: number;
}

/**
 * Takes whole segments that are older than their organisation wants, up to an anchor. The anchor stays as the chain's new
 * beginning and the event about it in the chain says so: nobody can make a deletion look like this.
 */
export async function retainEvents({ db, audit, clock }: House): Promise<Retained[]> {
  const done: Retained[] = [];
  for (const { org_id: org, keep_days: days, base_seq: base } of await rows.retainingOrgs(db)) {
    const oldest = { at: clock.now() - days * DAY_MS, after: base };
    const anchor = days > 0 ? await rows.anchorBefore(db, org, oldest) : undefined;
    const through = anchor && (await begin(audit, org, { from: base, to: anchor.seq, days })) ? anchor.seq : base;
    let removed = 0;
    for (let step = -1; step !== 0; removed += step) step = await rows.deleteOldest(db, org, through, STEP);
    if (removed > 0) done.push({ org, through, removed });
  }
  return done;
}

/** First the event and the new beginning together; what is cut short after that is gone on with the next time. */
const begin = (
  audit: House["audit"],
  org: string,
  { from, to, days }: { from: number; to: number; days: number },
): Promise<boolean> =>
  audit.atomically(async (trx, record) => {
    if (!(await rows.moveBase(trx, org, { from, to }))) return false;
    const event = { org, type: RETAINED, actor: { id: "audit", type: "system" as const }, status: "success" as const };
    await record({ ...event, detail: { through: to, removed: to - from, days } });
    return true;
  });
