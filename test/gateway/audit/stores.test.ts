import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertReader } from "../../../gateway/alerts/engine.ts";
import type { Anchor } from "../../../gateway/audit/anchor-keys.ts";
import { createAnchoring } from "../../../gateway/audit/anchoring.ts";
import { type Audit, type AuditEvent, createAudit } from "../../../gateway/audit/audit.ts";
import { type EventReader, followEvents, type ReaderTrouble } from "../../../gateway/audit/readers.ts";
import { retainEvents, setRetention } from "../../../gateway/audit/retention.ts";
import { verifyChain } from "../../../gateway/audit/verify.ts";
import { listAlerts } from "../../../gateway/database/alerts.ts";
import { beginAtHeads } from "../../../gateway/database/audit-cursors.ts";
import { openers, type Store } from "../database/stores.ts";
import { fakeClock } from "../support.ts";

const KEYS = [Buffer.from("6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=", "base64")];
const DAY = 86_400_000;
const ORG = "org_1";

describe.each(openers)("what follows the trail, on $name", ({ open }) => {
  let store: Store | { missing: string };
  let audit: Audit;
  const clock = fakeClock();

  beforeAll(async () => {
    store = await open();
    if ("db" in store) audit = createAudit({ db: store.db, keys: KEYS, clock, sinks: [] });
  }, 60_000);
  afterAll(async () => void ("db" in store && (await store.close())));

  const event = (more: Partial<AuditEvent> = {}): AuditEvent => ({
    org: ORG,
    type: "tool.call",
    actor: { id: "usr_1", type: "user" },
    tool: "acme_list",
    tier: "read",
    status: "success",
    rule: "allowed",
    ...more,
  });
  const many = (count: number, more: Partial<AuditEvent> = {}) =>
    Promise.all(Array.from({ length: count }, () => audit.record(event(more))));

  async function follow(reader: EventReader) {
    if ("missing" in store) return [];
    const troubles: ReaderTrouble[] = [];
    const reading = followEvents({ db: store.db, clock, reader, onTrouble: async (one) => void troubles.push(one) });
    await reading.run();
    await reading.close();
    return troubles.map(({ error }) => error instanceof Error);
  }

  it("anchors, delivers once in order, tells failing from working, and retains (AUD-04, AUD-10, AUD-11)", async () => {
    if ("missing" in store) return;
    const { db } = store;
    const anchors: Anchor[] = [];
    const anchoring = createAnchoring({
      db,
      keys: KEYS,
      clock,
      places: { file: async (some) => void anchors.push(...some) },
      onTrouble: async () => {},
    });
    await many(3);
    await beginAtHeads(db, "late");
    await many(40);
    const seen: Record<string, number[]> = { early: [], late: [] };
    let works = false;
    const reader = (name: string): EventReader => ({
      name,
      most: 15,
      async deliver(_org, rows) {
        if (!works) throw new Error("no");
        seen[name]!.push(...rows.map(({ seq }) => seq));
      },
    });
    expect(await follow(reader("early"))).toEqual([true]);
    expect(await follow(reader("early"))).toEqual([]);
    works = true;
    expect(await follow(reader("early"))).toEqual([false]);
    expect(await follow(reader("late"))).toEqual([]);
    await beginAtHeads(db, "late");
    expect(seen).toEqual({
      early: Array.from({ length: 43 }, (_, n) => n + 1),
      late: Array.from({ length: 40 }, (_, n) => n + 4),
    });

    await anchoring.run();
    await setRetention({ audit }, { org: ORG, days: 30, actor: "usr_1" });
    clock.pass(31 * DAY);
    await anchoring.run();
    expect(anchors.map(({ seq }) => seq)).toEqual([43, 44]);
    expect(await retainEvents({ db, audit, clock })).toEqual([{ org: ORG, through: 43, removed: 43 }]);
    expect(await verifyChain(db, ORG, KEYS, { outside: anchors, now: clock.now })).toMatchObject({
      ok: true,
      after: 43,
    });
  });

  it("raises the same alerts (AUD-09)", async () => {
    if ("missing" in store) return;
    const { db } = store;
    const look = () => follow(alertReader({ db, onAlert: () => {} }));
    await many(1, { actor: { id: "usr_2", type: "user" } });
    clock.pass(8 * DAY);
    await many(1, { actor: { id: "usr_2", type: "user" }, tool: "acme_new" });
    await many(301);
    await many(10, { status: "denied", rule: "writes-off" });
    await many(2, { status: "denied", rule: "other-tenant" });
    await many(1, { type: "connection.error", status: "error", connection: "con_1" });
    await many(1, { type: "connection.active", connection: "con_1" });
    expect([await look(), await look()]).toEqual([[], []]);
    const found = await listAlerts(db, ORG, { states: ["open", "closed"], limit: 99 });
    expect(found.map(({ kind, subject, count, state }) => `${kind} ${subject} ${count} ${state}`).sort()).toEqual([
      "connection con_1 1 closed",
      "denied usr_1 10 open",
      "first-use usr_2 1 open",
      "foreign-organisation usr_1 2 open",
      "volume usr_1 313 open",
    ]);
  });
});
