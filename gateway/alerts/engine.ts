import type { EventReader } from "../audit/readers.ts";
import * as alerts from "../database/alerts.ts";
import { newId } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import type { AlertRow, AuditEventRow } from "../database/schema.ts";
import { type AlertKind, KINDS, type Kind, type Threshold, type Thresholds, thresholdsOf } from "./kinds.ts";
import { type Signal, signalsOf } from "./signals.ts";
import { type Weight, weigh } from "./weigh.ts";

/** Its cursors say how far each organisation's events have been looked at. */
export const ALERTS_READER = "alerts";

/**
 * Looks at every event once, in order, and opens alerts. One stays open for all that follows about the same.
 * @param onAlert hears of each one that was opened
 */
export function alertReader({ db, onAlert }: { db: Db; onAlert(alert: AlertRow): void }): EventReader {
  const known = memory();
  return {
    name: ALERTS_READER,
    most: 500,
    async deliver(org, rows) {
      try {
        for (const alert of await db.transaction().execute((trx) => lookAt(trx, org, rows))) onAlert(alert);
      } catch (error) {
        known.forget(); // what it knows may not have been kept
        throw error;
      }
    },
  };

  async function lookAt(trx: Db, org: string, rows: readonly AuditEventRow[]) {
    const opened: AlertRow[] = [];
    const thresholds = thresholdsOf(await alerts.findThresholds(trx, org));
    const lastOf = new Map(
      rows
        .filter(({ type, status }) => type === "tool.call" && status !== "started")
        .map((row) => [row.actor_id, row.seq]),
    );
    for (const row of rows)
      for (const signal of signalsOf(row)) {
        if (!thresholds[signal.kind].enabled) continue;
        if (signal.kind === "volume" && lastOf.get(row.actor_id) !== row.seq) continue; // counted once, at the end
        if (signal.kind === "first-use" && known.knowsUse(row)) continue;
        opened.push(...(await look(trx, row, signal, thresholds, known)));
      }
    return opened;
  }
}

async function look(
  trx: Db,
  row: AuditEventRow,
  signal: Signal,
  thresholds: Thresholds,
  { busy }: Memory,
): Promise<AlertRow[]> {
  const live = await alerts.findLive(trx, { org_id: row.org_id, kind: signal.kind, subject: signal.subject });
  if (signal.over) {
    if (live) await leave(trx, live, row, signal);
    return [];
  }
  if (live && live.last_seq >= row.seq) return []; // looked at before, by a process that ended in between
  const threshold = thresholds[signal.kind];
  const found = await weigh(trx, row, signal, threshold, busy);
  const weight = found && { ...found, facts: { ...found.facts, ...partsWith(live, signal) } };
  if (live) {
    await grow(trx, live, row, weight);
    return [];
  }
  const alert = weight && blank(row, signal, weight);
  if (!alert || (await isReopened(trx, alert, signal.kind, threshold))) return [];
  return (await alerts.addAlert(trx, alert)) ? [alert] : [];
}

/** Of several things that an alert is about one is well again. */
async function leave(trx: Db, live: AlertRow, row: AuditEventRow, { part }: Signal) {
  const parts = part === undefined ? [] : partsOf(live).filter((each) => each !== part);
  if (parts.length === 0) return await settle(trx, live, row);
  const facts = JSON.stringify({ ...JSON.parse(live.facts), parts });
  const { count, severity, last_at } = live;
  await alerts.growAlert(trx, live.id, { count, severity, last_at, last_seq: row.seq, facts });
}

const MOST_PARTS = 50;

const partsOf = ({ facts }: AlertRow): string[] => JSON.parse(facts).parts ?? [];

function partsWith(live: AlertRow | undefined, { part }: Signal) {
  if (part === undefined) return {};
  const others = live ? partsOf(live).filter((each) => each !== part) : [];
  return { parts: [...others, part].slice(-MOST_PARTS) };
}

/** What comes and goes is told once in a while: the alert of before is open again. */
async function isReopened(trx: Db, alert: AlertRow, kind: Kind, { minutes }: Threshold): Promise<boolean> {
  const { reopens }: AlertKind = KINDS[kind];
  if (!reopens) return false;
  const { last_seq, last_at, facts } = alert;
  return await alerts.reopenAlert(trx, alert, { since: alert.first_at - minutes * 60_000, last_seq, last_at, facts });
}

/** It works again: nobody has to do anything. */
const settle = (trx: Db, { id, org_id: org }: AlertRow, row: AuditEventRow) =>
  alerts.moveAlert(trx, { org, id, from: ["open", "acknowledged"], to: "closed", by: "alerts", now: row.at });

/** What is not new by itself, such as a second use of a tool, adds nothing. */
async function grow(trx: Db, live: AlertRow, row: AuditEventRow, weight: Weight | undefined) {
  if (!weight) return;
  const severity = RANK[weight.severity] > RANK[live.severity] ? weight.severity : live.severity;
  const grown = { count: Math.max(live.count + 1, weight.count), severity, last_seq: row.seq, last_at: row.at };
  await alerts.growAlert(trx, live.id, { ...grown, facts: JSON.stringify(weight.facts) });
}

const RANK = { low: 0, medium: 1, high: 2 } as const;

const blank = (row: AuditEventRow, { kind, subject }: Signal, { count, severity, facts }: Weight): AlertRow => ({
  id: newId("alr"),
  org_id: row.org_id,
  kind,
  severity,
  subject,
  state: "open",
  count,
  first_seq: row.seq,
  last_seq: row.seq,
  first_at: row.at,
  last_at: row.at,
  facts: JSON.stringify(facts),
  decided_by: null,
  decided_at: null,
  delivered_at: null,
});

/** What need not be asked of the database again. */
function memory() {
  const uses = new Set<string>();
  return {
    /** Until when a busy person was counted. */
    busy: new Map<string, number>(),
    /** Most calls are of tools that were used before. */
    knowsUse({ org_id, actor_id, tool }: AuditEventRow): boolean {
      const key = `${org_id}:${actor_id}:${tool}`;
      if (uses.has(key)) return true;
      if (uses.size >= MOST_KNOWN) this.forget();
      uses.add(key);
      return false;
    },
    forget() {
      uses.clear();
      this.busy.clear();
    },
  };
}

type Memory = ReturnType<typeof memory>;

const MOST_KNOWN = 50_000;
