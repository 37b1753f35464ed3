import * as cursors from "../database/audit-cursors.ts";
import { readEvents } from "../database/audit-events.ts";
import type { Db } from "../database/index.ts";
import type { AuditEventRow } from "../database/schema.ts";

/** Gets every event at least once, in order, per organisation; how far it is stands in the database. */
export interface EventReader {
  /** Names its cursors: `webhook`, `syslog`, `alerts`. */
  readonly name: string;
  /** Most events at once. */
  readonly most: number;
  /** The organisations whose events it wants; all when left out. */
  readonly orgs?: () => Promise<ReadonlySet<string>>;
  /** Rejects when they did not arrive; they come again, later and later. */
  deliver(org: string, rows: readonly AuditEventRow[]): Promise<void>;
}

export interface Reading {
  /** There is something new. */
  wake(): void;
  /** Resolves when everything that can be delivered now is. Never rejects. */
  run(): Promise<void>;
  /** Ends after what is under way. */
  close(): Promise<void>;
}

export interface ReaderTrouble {
  readonly reader: string;
  readonly org: string;
  /** Undefined when it works again. */
  readonly error?: unknown;
}

/** Others are served in between; a burst is one delivery. */
const SOON_MS = 500;
/** After a look that took long, because many organisations write, the next one is so many times as far away, up to a bound. */
const REST = 4;
const LONGEST_REST_MS = 2000;
/** Also without being woken: another process may have written. */
const EVERY_MS = 10_000;
const LEASE_MS = 60_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * The database is the queue: nothing waits in memory, a restart loses nothing, and replicas take turns.
 * @param onTrouble hears once when an organisation's deliveries begin to fail and once when they work again
 */
export function followEvents({
  db,
  clock,
  reader,
  onTrouble,
}: {
  db: Db;
  clock: { now(): number };
  reader: EventReader;
  onTrouble(trouble: ReaderTrouble): Promise<void>;
}): Reading {
  const pauses = new Map<string, { until: number; ms: number }>();
  let soon: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let closed = false;
  let tookMs = 0;
  const timer = setInterval(run, EVERY_MS).unref();

  return {
    wake() {
      if (!closed) soon ??= setTimeout(run, Math.max(SOON_MS, Math.min(REST * tookMs, LONGEST_REST_MS))).unref();
    },
    run,
    async close() {
      closed = true;
      clearTimeout(soon);
      clearInterval(timer);
      await running;
    },
  };

  function run(): Promise<void> {
    clearTimeout(soon);
    soon = undefined;
    running ??= readAll()
      .catch((error) => onTrouble({ reader: reader.name, org: "", error }).catch(() => {}))
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  async function readAll() {
    const begun = performance.now();
    await readWanted();
    tookMs = performance.now() - begun;
  }

  async function readWanted() {
    const wanted = await reader.orgs?.();
    if (wanted?.size === 0) return;
    for (const org of await cursors.orgsBehind(db, reader.name, clock.now())) {
      if (closed) return;
      const isPaused = (pauses.get(org)?.until ?? 0) > clock.now();
      if (!isPaused && (!wanted || wanted.has(org))) await read(org);
    }
  }

  async function read(org: string) {
    const { name, most } = reader;
    for (;;) {
      const now = clock.now();
      const claimed = await cursors.claimCursor(db, { reader: name, org, now, until: now + LEASE_MS });
      if (!claimed) return;
      const rows = await readEvents(db, org, claimed.seq, most);
      try {
        if (rows.length > 0) await reader.deliver(org, rows);
      } catch (error) {
        const ms = Math.min(LONGEST_PAUSE_MS, 2 * (pauses.get(org)?.ms ?? FIRST_PAUSE_MS / 2));
        pauses.set(org, { until: clock.now() + ms, ms });
        if (await cursors.noteCursorFailed(db, name, org, now)) await onTrouble({ reader: name, org, error });
        return;
      }
      pauses.delete(org);
      await cursors.moveCursor(db, name, org, rows.at(-1)?.seq ?? claimed.seq);
      if (claimed.failing) await onTrouble({ reader: name, org });
      if (rows.length < most || closed) return;
    }
  }
}
