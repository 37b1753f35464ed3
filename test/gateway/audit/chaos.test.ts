import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { anchorKeys } from "../../../gateway/audit/anchor-keys.ts";
import { type AuditEvent, createAudit } from "../../../gateway/audit/audit.ts";
import { auditKeys, textOf } from "../../../gateway/audit/chain.ts";
import { type Verdict, verifyAll, verifyChain } from "../../../gateway/audit/verify.ts";
import { addAnchor } from "../../../gateway/database/audit-anchors.ts";
import { type Db, openDatabase } from "../../../gateway/database/index.ts";
import type { AuditEventRow } from "../../../gateway/database/schema.ts";
import { canonicalJson } from "../../../runtime/index.ts";

const LENGTH = 1000;
const ORG = "org_1";
const KEYS = [Buffer.from("6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=", "base64")];
const OLD = Buffer.from("b3zMrTq8LkWvXyP1nHs5Jd7fGc9aQe2uRi4oYt6wZxA=", "base64");
/** Ends of the chain that were anchored. */
const ANCHORED = [250, 700, 1000];

let db: Db;
let rows: AuditEventRow[];

/** A chain as a busy morning leaves it, in two organisations, so that a neighbour's rows are there to be mixed in. */
beforeAll(async () => {
  db = await openDatabase({ file: ":memory:" });
  const audit = createAudit({ db, keys: KEYS, clock: { now: () => 1_767_600_000_000 }, sinks: [] });
  await Promise.all(
    Array.from({ length: 2 * LENGTH }, (_, n) => audit.record(eventOf(n % 2 ? ORG : "org_2", Math.floor(n / 2)))),
  );
  rows = await db.selectFrom("audit_events").selectAll().where("org_id", "=", ORG).orderBy("seq").execute();
  const anchors = anchorKeys(KEYS);
  for (const seq of ANCHORED) {
    const { key, signature, ...point } = anchors.sign({ org: ORG, seq, mac: rows[seq - 1]!.mac, at: 1 });
    const { org: org_id, ...rest } = point;
    await addAnchor(db, { ...rest, org_id, key_id: key, signature, file_at: null, store_at: null });
  }
  return () => db.destroy();
});

const eventOf = (org: string, n: number): AuditEvent => ({
  org,
  type: n % 7 ? "tool.call" : "sign-in",
  actor: { id: `usr_${n % 5}`, type: "user" },
  status: n % 11 ? "success" : "denied",
  rule: n % 11 ? "allowed" : "writes-off",
  client: "client_1",
  ...(n % 7 && { vendor: "acme", tool: "acme_list", tier: "read", customer: `cus_${n % 3}`, callId: `call_${n}` }),
});

class Undo extends Error {}

/** Does it, verifies, and takes it back. */
async function verdictAfter(attack: (trx: Db) => Promise<unknown>, keys = KEYS): Promise<Verdict> {
  let verdict: Verdict | undefined;
  await db
    .transaction()
    .execute(async (trx) => {
      await attack(trx);
      verdict = await verifyChain(trx, ORG, keys);
      throw new Undo();
    })
    .catch((error) => {
      if (!(error instanceof Undo)) throw error;
    });
  return verdict!;
}

const place = fc.integer({ min: 1, max: LENGTH });
const RUNS = { numRuns: 40 };
const of = (trx: Db) => trx.selectFrom("audit_events").where("org_id", "=", ORG);
const change = (trx: Db, seq: number, set: Partial<AuditEventRow>) =>
  trx.updateTable("audit_events").set(set).where("org_id", "=", ORG).where("seq", "=", seq).execute();
const drop = (trx: Db, from: number, to = from) =>
  trx.deleteFrom("audit_events").where("org_id", "=", ORG).where("seq", ">=", from).where("seq", "<=", to).execute();
const rewind = (trx: Db, seq: number) =>
  trx.updateTable("audit_heads").set({ seq, mac: rows[seq - 1]?.mac ?? "" }).where("org_id", "=", ORG).execute(); // biome-ignore format: one thought
/** Moves rows out of the way first: numbers are unique. */
async function move(trx: Db, from: number, to: number) {
  await trx.updateTable("audit_events").set((row) => ({ seq: row("seq", "+", 5000 + to - from) })).where("org_id", "=", ORG).where("seq", ">=", from).execute(); // biome-ignore format: one thought
  await trx.updateTable("audit_events").set((row) => ({ seq: row("seq", "-", 5000) })).where("org_id", "=", ORG).where("seq", ">", 5000).execute(); // biome-ignore format: one thought
}

describe("a chain of 1,000 events", () => {
  it("is whole, and holds against its anchors (AUD-10)", async () => {
    expect(await verifyChain(db, ORG, KEYS)).toEqual({ ok: true, org: ORG, events: LENGTH, anchors: 3 });
    expect(
      (
        await of(db)
          .select(({ fn }) => fn.countAll<number>().as("n"))
          .executeTakeFirst()
      )?.n,
    ).toBe(LENGTH);
  });

  it("shows any flipped bit of any column, at its event (AUD-10)", async () => {
    const columns = Object.keys(rows[0]!).filter((name) => name !== "org_id" && name !== "seq");
    await fc.assert(
      fc.asyncProperty(place, fc.constantFrom(...columns), fc.nat(), async (seq, column, bit) => {
        const row = rows[seq - 1]!;
        const verdict = await verdictAfter((trx) =>
          change(trx, seq, { [column]: flipped(row[column as keyof AuditEventRow], bit) }),
        );
        expect(verdict).toMatchObject({ ok: false, seq, reason: column === "key_id" ? "key missing" : "changed" });
      }),
      { numRuns: 120 },
    );
  });

  it("shows deleted events, at the first (AUD-10)", async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 0, max: 300 }), async (from, more) => {
        const verdict = await verdictAfter((trx) => drop(trx, from, from + more));
        expect(verdict).toMatchObject({ ok: false, seq: from, reason: from + more >= LENGTH ? "cut" : "missing" });
      }),
      RUNS,
    );
  });

  it("shows swapped events, at the earlier (AUD-10)", async () => {
    await fc.assert(
      fc.asyncProperty(place, place, async (one, two) => {
        fc.pre(one !== two);
        const verdict = await verdictAfter(async (trx) => {
          await change(trx, one, { seq: 9000 });
          await change(trx, two, { seq: one });
          await change(trx, 9000, { seq: two });
        });
        expect(verdict).toMatchObject({ ok: false, seq: Math.min(one, two), reason: "changed" });
      }),
      RUNS,
    );
  });

  it("shows an inserted event, made up or of a neighbour, wherever it is (AUD-10)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: LENGTH + 1 }), fc.boolean(), async (at, neighbour) => {
        const verdict = await verdictAfter(async (trx) => {
          const model = neighbour
            ? await trx.selectFrom("audit_events").selectAll().where("org_id", "=", "org_2").executeTakeFirstOrThrow()
            : { ...rows[0]!, actor_id: "usr_innocent", prev_mac: rows[at - 2]?.mac ?? "" };
          if (at >= 1 && at <= LENGTH) await move(trx, at, at + 1);
          await trx.insertInto("audit_events").values({ ...model, org_id: ORG, seq: at }).execute(); // biome-ignore format: one thought
        });
        const reason = at < 1 || at > LENGTH ? "inserted" : "changed";
        expect(verdict).toMatchObject({ ok: false, seq: at, reason });
      }),
      RUNS,
    );
  });

  it("shows a cut tail, and with the head rewound as well by its anchors (AUD-10)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: LENGTH - 1 }), fc.boolean(), async (kept, headToo) => {
        const verdict = await verdictAfter(async (trx) => {
          await drop(trx, kept + 1, LENGTH);
          if (headToo) await rewind(trx, kept);
        });
        expect(verdict).toMatchObject({ ok: false, seq: kept + 1, reason: "cut" });
      }),
      RUNS,
    );
  });

  it("that is wiped out with its head is missed: an anchor remembers it (AUD-10)", async () => {
    const wipe = async (trx: Db) => {
      await drop(trx, 1, LENGTH);
      await trx.deleteFrom("audit_heads").where("org_id", "=", ORG).execute();
    };
    expect(await verdictAfter(wipe)).toMatchObject({ ok: false, seq: 1, reason: "cut" });
    // With the table of anchors gone as well, the copies outside remember.
    const outside = ANCHORED.map((seq) => anchorKeys(KEYS).sign({ org: ORG, seq, mac: rows[seq - 1]!.mac, at: 1 }));
    let verdicts: Verdict[] = [];
    const all = db.transaction().execute(async (trx) => {
      await wipe(trx);
      await trx.deleteFrom("audit_anchors").execute();
      verdicts = await verifyAll(trx, KEYS, { outside });
      throw new Undo();
    });
    await expect(all).rejects.toThrow(Undo);
    expect(verdicts.map((verdict) => ({ ...verdict }))).toMatchObject([
      { org: ORG, ok: false, seq: 1, reason: "cut" },
      { org: "org_2", ok: false, reason: "unanchored" },
    ]);
  });

  it("written anew by somebody who has the key is not the one that was anchored (AUD-10)", async () => {
    const keys = auditKeys(KEYS);
    const forge = async (trx: Db) => {
      let previous = rows[99]!.mac;
      for (const row of rows.slice(100)) {
        const { prev_mac: _, mac: __, ...event } = { ...row, ...(row.seq === 101 && { actor_id: "usr_innocent" }) };
        const mac = keys.mac(event, previous)!;
        await change(trx, row.seq, { ...event, prev_mac: previous, mac });
        previous = mac;
      }
      await trx.updateTable("audit_heads").set({ mac: previous }).where("org_id", "=", ORG).execute();
    };
    expect(await verdictAfter(forge)).toMatchObject({ ok: false, seq: 250, reason: "rewritten" });
  });

  it("does not believe an anchor that it did not sign, or a beginning that no retention made (AUD-10)", async () => {
    const forged = (trx: Db) => trx.updateTable("audit_anchors").set({ mac: "x" }).where("seq", "=", 700).execute();
    expect(await verdictAfter(forged)).toMatchObject({ ok: false, seq: 700, reason: "forged anchor" });
    const beheaded = async (trx: Db) => {
      await drop(trx, 1, 250);
      await trx.updateTable("audit_heads").set({ base_seq: 250 }).where("org_id", "=", ORG).execute();
    };
    expect(await verdictAfter(beheaded)).toMatchObject({ ok: false, seq: 250, reason: "missing" });
  });

  it("has the text of canonical JSON under its mac (AUD-03)", () => {
    fc.assert(
      fc.property(fc.nat(LENGTH - 1), fc.string({ unit: "binary" }), (index, detail) => {
        const { prev_mac, mac, client, customer, rule, tier, ...event } = { ...rows[index]!, detail };
        expect(textOf(event)).toBe(canonicalJson(event));
      }),
    );
  });
});

describe("several audit keys", () => {
  it("verify what each of them signed, and a missing one is named by its first event (AUD-10)", async () => {
    const store = await openDatabase({ file: ":memory:" });
    const clock = { now: () => 1 };
    const before = createAudit({ db: store, keys: [OLD], clock, sinks: [] });
    for (let n = 0; n < 3; n++) await before.record(eventOf(ORG, n));
    const after = createAudit({ db: store, keys: [...KEYS, OLD], clock, sinks: [] });
    for (let n = 0; n < 2; n++) await after.record(eventOf(ORG, n));
    expect(await verifyChain(store, ORG, [...KEYS, OLD])).toEqual({ ok: true, org: ORG, events: 5 });
    expect(await verifyChain(store, ORG, [OLD, ...KEYS])).toEqual({ ok: true, org: ORG, events: 5 });
    expect(await verifyChain(store, ORG, KEYS)).toMatchObject({ seq: 1, reason: "key missing" });
    expect(await verifyChain(store, ORG, [OLD])).toMatchObject({ seq: 4, reason: "key missing" });
    await store.destroy();
  });
});

/** Another value of the same kind, one bit away. */
function flipped(value: AuditEventRow[keyof AuditEventRow], bit: number): string | number {
  if (value === null) return "x";
  if (typeof value === "number") return value ^ (1 << (bit % 30)) || 1;
  const at = bit % Math.max(1, value.length);
  const code = (value.charCodeAt(at) || 0) ^ (1 << (bit % 5));
  return value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1);
}
