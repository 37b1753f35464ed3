import * as events from "../database/audit-events.ts";
import type { Db } from "../database/index.ts";
import type { AuditEventRow } from "../database/schema.ts";
import { inSystemScope } from "../database/scope.ts";
import { type AuditKeys, auditKeys, copiesOf } from "./chain.ts";
import type { AuditSink } from "./sinks.ts";

/** What happened. Ids, codes and counts only: never a credential, an argument, a name or an address. */
export interface AuditEvent {
  org: string;
  /** `<thing>.<what>`: tool.call, credential.open, sign-in, consent.grant, connection.revoke … */
  type: string;
  actor: { id: string; type: AuditEventRow["actor_type"] };
  client?: string;
  grant?: string;
  connection?: string;
  vendor?: string;
  tool?: string;
  tier?: string;
  /** The customer that the call was limited to. */
  customer?: string;
  approval?: string;
  /** What the caller's token was granted, and for which audience. */
  scopes?: readonly string[];
  audience?: string;
  policyVersion?: number;
  status: AuditEventRow["status"];
  /** The rule that decided, and the code of an error. */
  rule?: string;
  /** Names of the arguments that were given; a value is here as part of `argsHash` alone. */
  parameters?: readonly string[];
  argsHash?: string;
  resultHash?: string;
  durationMs?: number;
  requestId?: string;
  callId?: string;
  /** Where the request was traced. */
  traceId?: string;
  detail?: Record<string, unknown>;
}

export type Recorder = (event: AuditEvent) => Promise<void>;

export interface Audit {
  /**
   * Resolves when the event is durable; rejects when it is not, and then whatever it stands for must not happen.
   * Not inside `db.transaction()`: that is what `atomically` is for.
   */
  record: Recorder;
  /** The same for what has happened already: the row waits up to 50 ms for others, so that they share one commit. */
  recordSoon: Recorder;
  /** Resolves when every event recorded so far is written, or refused. */
  settled(): Promise<void>;
  /** One transaction for a change and the events about it: both stay, or neither. */
  atomically<Result>(work: (trx: Db, record: Recorder) => Promise<Result>): Promise<Result>;
  /** Keyed by organisation, so that short values cannot be guessed from it; equal values have equal hashes. */
  hash(org: string, value: unknown): string;
  /** How many events wait to be written. */
  waiting(): number;
  /** Tells another one of what is written from now on. */
  addSink(sink: AuditSink): void;
  close(): Promise<void>;
}

interface Waiting {
  event: UnplacedEvent;
  done(): void;
  failed(error: unknown): void;
}

type UnplacedEvent = Omit<AuditEventRow, "seq" | "key_id" | "prev_mac" | "mac">;

/** Events that arrive together share a transaction, so that a busy gateway waits for the disk once and not once each. */
export function createAudit({
  db,
  keys: masters,
  clock,
  sinks: given,
  onBatch,
}: {
  db: Db;
  /** The first signs. */
  keys: readonly Buffer[];
  clock: { now(): number };
  sinks: readonly AuditSink[];
  /** Hears how many events were written together, or were not, and how long that took. */
  onBatch?(batch: { readonly events: number; readonly ms: number; readonly failed: boolean }): void;
}): Audit {
  const keys = auditKeys(masters);
  const sinks = [...given];
  const waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;

  let soon: NodeJS.Timeout | undefined;

  return {
    async record(event) {
      const durable = enqueue(event);
      write();
      await durable;
    },

    async recordSoon(event) {
      const durable = enqueue(event);
      soon ??= setTimeout(write, SOON_MS);
      await durable;
    },

    async settled() {
      write();
      while (writing) await writing;
    },

    async atomically(work) {
      const written: AuditEventRow[] = [];
      const result = await db.transaction().execute((trx) =>
        work(trx, async (event) => {
          written.push(...(await append(trx, keys, [unplaced(event, clock.now())])));
        }),
      );
      tell(written);
      return result;
    },

    hash: keys.hash,

    waiting: () => waiting.length,

    addSink: (sink) => void sinks.push(sink),

    async close() {
      await this.settled();
      await Promise.all(sinks.map((sink) => sink.close()));
    },
  };

  function enqueue(event: AuditEvent): Promise<void> {
    const { promise, resolve: done, reject: failed } = Promise.withResolvers<void>();
    waiting.push({ event: unplaced(event, clock.now()), done, failed });
    return promise;
  }

  function write() {
    clearTimeout(soon);
    soon = undefined;
    if (waiting.length > 0) writing ??= inSystemScope(writeWaiting); // events of several organisations share a batch
  }

  async function writeWaiting() {
    // One turn of the loop: whoever records now is in this batch.
    await new Promise((next) => setImmediate(next));
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MOST_AT_ONCE);
      const begun = performance.now();
      const told = (failed: boolean) => onBatch?.({ events: batch.length, ms: performance.now() - begun, failed });
      try {
        const rows = await db.transaction().execute((trx) => append(trx, keys, batch.map(({ event }) => event))); // biome-ignore format: one thought
        tell(rows);
        for (const { done } of batch) done();
        told(false);
      } catch (error) {
        told(true);
        for (const { failed } of batch) failed(error);
      }
    }
    writing = undefined;
  }

  function tell(rows: readonly AuditEventRow[]) {
    inSystemScope(() => {
      for (const sink of sinks) sink.write(rows);
    });
  }
}

const SOON_MS = 50;

/** 19 columns each stay far below the most parameters of a statement. */
const MOST_AT_ONCE = 200;

/** Links events to the ends of their organisations' chains, in three statements for however many organisations. */
async function append(trx: Db, keys: AuditKeys, batch: readonly UnplacedEvent[]): Promise<AuditEventRow[]> {
  const byOrg = Map.groupBy(batch, (event) => event.org_id);
  const orgs = [...byOrg.keys()].sort(); // heads are taken in one order, so that no two wait for each other
  const places = await events.reservePlaces(trx, orgs.map((org_id) => ({ org_id, seq: byOrg.get(org_id)!.length }))); // biome-ignore format: one thought
  const rows = orgs.flatMap((org) => {
    const ofOrg = byOrg.get(org)!;
    const { last, mac } = places.get(org)!;
    return link(ofOrg, { first: last - ofOrg.length + 1, mac }, keys);
  });
  await events.appendEvents(trx, rows);
  return rows;
}

function link(batch: readonly UnplacedEvent[], from: { first: number; mac: string }, keys: AuditKeys): AuditEventRow[] {
  let previous = from.mac;
  return batch.map((event, index) => {
    const placed = { ...event, seq: from.first + index, key_id: keys.id };
    const row = { ...placed, prev_mac: previous, mac: keys.mac(placed, previous)! };
    previous = row.mac;
    return row;
  });
}

function unplaced(event: AuditEvent, now: number): UnplacedEvent {
  const { org, type, actor, vendor, tool, status, requestId, callId, detail: more, ...rest } = event;
  const detail: Record<string, unknown> = { ...rest, ...more };
  for (const [name, text] of Object.entries(copiesOf(detail))) if (text) detail[name] = plain(text, LONGEST_COPY);
  return {
    ...copiesOf(detail),
    org_id: org,
    at: now,
    type,
    status,
    actor_id: plain(actor.id),
    actor_type: actor.type,
    vendor: plain(vendor),
    tool: plain(tool),
    request_id: plain(requestId),
    call_id: plain(callId),
    detail: JSON.stringify(detail),
  };
}

const LONGEST = 200;

/** Addresses of clients are longer. An index of PostgreSQL takes 2,700 bytes. */
const LONGEST_COPY = 600;

/** Callers choose some of these texts. A database refuses or rewrites what is no text, and the mac would not fit it. */
function plain(text: string, longest?: number): string;
function plain(text: string | undefined): string | null;
function plain(text: string | undefined, longest = LONGEST): string | null {
  return text === undefined ? null : text.slice(0, longest).replaceAll("\0", "").toWellFormed();
}
