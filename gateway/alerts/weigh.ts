import * as alerts from "../database/alerts.ts";
import { findClient } from "../database/clients.ts";
import type { Db } from "../database/index.ts";
import type { AlertRow, AuditEventRow } from "../database/schema.ts";
import { KINDS, type Threshold } from "./kinds.ts";
import type { Signal } from "./signals.ts";

/** What a signal comes to: how many events stand behind it, and what else is known. */
export interface Weight {
  readonly count: number;
  readonly severity: AlertRow["severity"];
  readonly facts: Readonly<Record<string, unknown>>;
}

const MINUTE_MS = 60_000;
const PAST_MS = 14 * 24 * 60 * MINUTE_MS;

/** More than this many times the usual is unusual. */
const TIMES = 3;

/** Counting what busy people do and did costs more than looking at one event. */
const COUNT_EVERY_MS = 20_000;

/**
 * Undefined when it is not worth an alert. Everything counted is in the database, so replicas and restarts agree.
 * @param busy until when a person was counted, by organisation and id
 */
export async function weigh(
  trx: Db,
  row: AuditEventRow,
  signal: Signal,
  { count, minutes }: Threshold,
  busy: Map<string, number>,
): Promise<Weight | undefined> {
  const { kind, subject, facts } = signal;
  const org = row.org_id;
  const windowMs = minutes * MINUTE_MS;
  const severity = KINDS[kind].severity;
  const settled = await alerts.lastClosed(trx, { org_id: org, kind, subject });
  const window = { org, actor: row.actor_id, since: Math.max(row.at - windowMs, settled), through: row.seq };
  const enough = (found: number, more = {}): Weight | undefined =>
    found >= count ? { count: found, severity, facts: { ...facts, ...more } } : undefined;

  switch (kind) {
    case "volume": {
      const key = `${org}:${subject}`;
      if ((busy.get(key) ?? 0) > row.at || (await alerts.countCallsUpTo(trx, window, count)) < count) return undefined;
      busy.set(key, row.at + COUNT_EVERY_MS);
      const calls = await alerts.countCallsUpTo(trx, window, 100_000);
      const before = { ...window, since: row.at - PAST_MS };
      const usual = Math.round(await alerts.usualCalls(trx, before, { until: row.at - windowMs, windowMs }));
      return calls > TIMES * usual ? { count: calls, severity, facts: { calls, usual } } : undefined;
    }
    case "first-use": {
      const known = await alerts.noteSeen(trx, org, `person:${subject}`, row.at);
      const { isNew } = await alerts.noteSeen(trx, org, `use:${subject}:${row.tool}`, row.at);
      if (!isNew || row.at - known.at < windowMs) return undefined;
      return { count: 1, severity: row.tier === "read" ? severity : "medium", facts };
    }
    case "new-client": {
      const known = await alerts.noteSeen(trx, org, "client:", row.at);
      const { isNew } = await alerts.noteSeen(trx, org, `client:${subject}`, row.at);
      if (!isNew || row.at - known.at < windowMs) return undefined;
      const { kind: how, loopback } = await clientFacts(trx, subject);
      const unknown = how === "dcr" && loopback;
      return { count: 1, severity: unknown ? "medium" : severity, facts: { ...facts, kind: how, loopback } };
    }
    case "denied":
      return enough(await alerts.countEvents(trx, window, { status: "denied" }));
    case "consents":
      return enough(await alerts.countEvents(trx, window, { type: "consent.grant" }));
    case "foreign-customer":
    case "foreign-organisation":
    case "held-back":
    case "marks":
      return enough(count <= 1 ? 1 : await noted(trx, row, signal, window.since));
    case "connection":
    case "trail":
      return { count: 1, severity, facts };
  }
}

/** Rare kinds are noted one by one, so that several can be asked for. */
async function noted(trx: Db, row: AuditEventRow, { kind, subject }: Signal, since: number): Promise<number> {
  const prefix = `${kind}:${subject}:`;
  await alerts.noteSeen(trx, row.org_id, `${prefix}${row.seq}`, row.at);
  return await alerts.countSeen(trx, { org: row.org_id, prefix, since });
}

async function clientFacts(trx: Db, id: string): Promise<{ kind?: string; loopback: boolean }> {
  const client = await findClient(trx, id);
  const redirects: unknown = client ? JSON.parse(client.payload).redirect_uris : [];
  const hosts = Array.isArray(redirects) ? redirects.map((uri) => URL.parse(String(uri))?.hostname) : [];
  return { kind: client?.kind, loopback: hosts.some((host) => host === "localhost" || host === "127.0.0.1" || host === "[::1]") }; // biome-ignore format: one thought
}
