import { chainedOrgs, findHead, readEvents } from "../database/audit-events.ts";
import type { Db } from "../database/index.ts";
import { auditKeys } from "./chain.ts";

export type Verdict =
  | { ok: true; org: string; events: number }
  | {
      ok: false;
      org: string;
      /** The first event that is missing, moved, changed or not checkable. */
      seq: number;
      reason: "changed" | "missing" | "cut" | "key missing";
    };

/** Follows the chain of one organisation from its first event to its head. Finds an edit, a gap, a swap and a cut tail. */
export async function verifyChain(db: Db, org: string, key: Buffer): Promise<Verdict> {
  const keys = auditKeys(key);
  const head = (await findHead(db, org)) ?? { seq: 0, mac: "" }; // Read first: events that arrive meanwhile lie behind it.
  const bad = (reason: "changed" | "missing" | "cut" | "key missing") =>
    ({ ok: false, org, seq: seq + 1, reason }) as const;
  let seq = 0;
  let mac = "";
  while (seq < head.seq) {
    const rows = await readEvents(db, org, seq, Math.min(1000, head.seq - seq));
    if (rows.length === 0) return bad("cut");
    for (const { prev_mac, mac: claimed, ...event } of rows) {
      if (event.seq !== seq + 1) return bad("missing");
      if (event.key_id !== keys.id) return bad("key missing");
      if (prev_mac !== mac || keys.mac(event, prev_mac) !== claimed) return bad("changed");
      seq = event.seq;
      mac = claimed;
    }
  }
  if (mac === head.mac) return { ok: true, org, events: seq };
  return { ...bad("changed"), seq };
}

export async function verifyAll(db: Db, key: Buffer): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const org of await chainedOrgs(db)) verdicts.push(await verifyChain(db, org, key));
  return verdicts;
}
