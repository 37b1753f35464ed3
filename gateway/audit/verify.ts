import { setImmediate as nextTurn } from "node:timers/promises";
import { listAnchors } from "../database/audit-anchors.ts";
import { chainedOrgs, eventsOfType, findHead, readEvents, strayEvent } from "../database/audit-events.ts";
import type { Db } from "../database/index.ts";
import type { AuditEventRow } from "../database/schema.ts";
import { type Anchor, type AnchorKeys, anchorKeys } from "./anchor-keys.ts";
import { anchorOf } from "./anchoring.ts";
import { type AuditKeys, auditKeys, copiesOf } from "./chain.ts";
import { FORGOTTEN } from "./forget.ts";

/** `unanchored` and `unfinished` say that something was not proven; all others that something is wrong. */
export type Fault =
  | "changed"
  | "missing"
  | "inserted"
  | "cut"
  | "rewritten"
  | "forged anchor"
  | "key missing"
  | "unanchored"
  | "unfinished";

export type Verdict =
  | {
      ok: true;
      org: string;
      /** Events that were read and are whole. */
      events: number;
      /** The event before the first, when retention took the earlier ones. */
      after?: number;
      /** Signed ends that the chain was compared with. */
      anchors?: number;
      /** Events of keys that were given up as lost: linked to their neighbours, and proven by nobody. */
      unproven?: number;
    }
  /** `seq`: the first event that is missing, moved, changed or not checkable. */
  | { ok: false; org: string; seq: number; reason: Fault };

export interface VerifyOptions {
  /** Anchors from outside the database. With them the chain must reach as far as they say, and they as far as it. */
  readonly outside?: readonly Anchor[];
  /** Whether events of a key may pass that the trail itself, under a key that is here, says was given up as lost. */
  readonly passGivenUp?: boolean;
  /** Called now and then with the number of events read so far and the number there are. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the reading early: a page cannot wait for a million rows. */
  readonly signal?: AbortSignal;
  readonly now?: () => number;
}

/**
 * Follows the chain of one organisation from its first event to its head, and holds it against the anchors. Finds an edit,
 * a gap, a swap, an insertion, a cut tail and a chain that is gone altogether.
 */
export async function verifyChain(
  db: Db,
  org: string,
  masters: readonly Buffer[],
  options: VerifyOptions = {},
): Promise<Verdict> {
  const keys = { chain: auditKeys(masters), anchors: anchorKeys(masters) };
  for (;;) {
    const before = await findHead(db, org);
    const verdict = await walk(db, org, keys, options);
    if (verdict.ok || (await findHead(db, org))?.base_seq === before?.base_seq) return verdict;
    // Retention took events from under this reading: once more, from the new beginning.
  }
}

export async function verifyAll(
  db: Db,
  masters: readonly Buffer[],
  { outside, ...options }: VerifyOptions = {},
): Promise<Verdict[]> {
  const orgs = new Set([...(await chainedOrgs(db)), ...(outside ?? []).map(({ org }) => org)]);
  const verdicts: Verdict[] = [];
  for (const org of [...orgs].sort())
    verdicts.push(
      await verifyChain(db, org, masters, { ...options, outside: outside?.filter((one) => one.org === org) }),
    );
  return verdicts;
}

interface Keys {
  readonly chain: AuditKeys;
  readonly anchors: AnchorKeys;
}

/** Rows of a page: more cost memory, fewer cost queries. */
const PAGE = 1000;

async function walk(db: Db, org: string, keys: Keys, options: VerifyOptions): Promise<Verdict> {
  const { outside, onProgress, signal } = options;
  // In this order: what is written meanwhile lies behind the head, and no anchor read here can lie behind it.
  const inside = (await listAnchors(db, org)).map(anchorOf);
  const { seq: end, mac: headMac, base_seq: base } = (await findHead(db, org)) ?? { seq: 0, mac: "", base_seq: 0 };
  const bad = (reason: Fault, at: number): Verdict => ({ ok: false, org, seq: at, reason });

  const givenUp = options.passGivenUp ? await givenUpKeys(db, org, keys.chain) : new Map<string, number>();
  const passes = (key: string, at: number) => at < (givenUp.get(key) ?? 0);
  const anchors = new Map<number, Anchor[]>();
  for (const anchor of [...inside, ...(outside ?? [])]) {
    if (anchor.seq < base) continue; // what it was about is gone
    const genuine = keys.anchors.isGenuine(anchor);
    if (genuine === undefined && !passes(anchor.key, anchor.seq)) return bad("key missing", anchor.seq);
    if (genuine === false || anchor.org !== org) return bad("forged anchor", anchor.seq);
    anchors.set(anchor.seq, [...(anchors.get(anchor.seq) ?? []), anchor]);
  }
  const start = base === 0 ? "" : anchors.get(base)?.[0]?.mac;
  if (start === undefined) return bad("missing", base);

  let seq = base;
  let mac = start;
  let retained = base === 0;
  let held = 0;
  let unproven = 0;
  while (seq < end) {
    if (signal?.aborted) return bad("unfinished", seq + 1);
    const rows = await readEvents(db, org, seq, Math.min(PAGE, end - seq));
    if (rows.length === 0) return bad("cut", seq + 1);
    for (const row of rows) {
      if (row.seq !== seq + 1) return bad("missing", seq + 1);
      const fault = faultOf(row, mac, keys.chain);
      if (fault === "key missing" && passes(row.key_id, row.seq)) unproven++;
      else if (fault) return bad(fault, row.seq);
      seq = row.seq;
      mac = row.mac;
      retained ||= row.type === RETAINED && JSON.parse(row.detail).through === base;
      for (const anchor of anchors.get(seq) ?? []) {
        if (anchor.mac !== mac) return bad("rewritten", seq);
        held++;
      }
    }
    onProgress?.(seq - base, end - base);
    if (signal) await nextTurn(); // within the gateway others want to be served
  }
  if (mac !== headMac) return bad("changed", seq);
  const stray = await strayEvent(db, org);
  if (stray !== undefined) return bad("inserted", stray);
  const last = Math.max(0, ...anchors.keys());
  if (last > seq) return bad("cut", seq + 1);
  // Who may delete rows cannot make them look retained: the event that says so is in the chain.
  if (!retained) return bad("missing", base);
  if (outside && !(await reaches(db, org, outside, seq, options))) return bad("unanchored", seq);
  return {
    ok: true,
    org,
    events: seq - base,
    ...(base > 0 && { after: base }),
    ...(held > 0 && { anchors: held }),
    ...(unproven > 0 && { unproven }),
  };
}

/** Before which event each key was given up; only whoever has a key that is here can have said it. */
async function givenUpKeys(db: Db, org: string, keys: AuditKeys): Promise<Map<string, number>> {
  const told = (await eventsOfType(db, org, FORGOTTEN)).filter((row) => keys.mac(row, row.prev_mac) === row.mac);
  const idsIn = (detail: string) => (JSON.parse(detail) as { audit?: readonly string[] }).audit ?? [];
  return new Map(told.flatMap(({ seq, detail }) => idsIn(detail).map((id) => [id, seq] as const)));
}

/** The event that tells of a retention, in its `detail.through` up to which event. */
export const RETAINED = "audit.retain";

function faultOf(row: AuditEventRow, previous: string, keys: AuditKeys): Fault | undefined {
  if (row.prev_mac !== previous) return "changed";
  const mac = keys.mac(row, previous);
  if (mac === undefined) return "key missing";
  return mac === row.mac && isCopied(row) ? undefined : "changed";
}

/** Only after the mac was right, so the detail is what we wrote. */
function isCopied(row: AuditEventRow): boolean {
  const { client, customer, rule, tier } = copiesOf(JSON.parse(row.detail));
  return row.client === client && row.customer === customer && row.rule === rule && row.tier === tier;
}

/** Whether the anchors given cover all but what is too young to have one. */
async function reaches(
  db: Db,
  org: string,
  outside: readonly Anchor[],
  end: number,
  { now = Date.now }: VerifyOptions,
): Promise<boolean> {
  const last = Math.max(0, ...outside.map(({ seq }) => seq));
  const [next] = last < end ? await readEvents(db, org, last, 1) : [];
  return !next || (end - last < 2000 && next.at > now() - YOUNG_MS);
}

/** Twice the time between two anchors, and some. */
const YOUNG_MS = 15 * 60_000;
