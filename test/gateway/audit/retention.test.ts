import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { readAnchors } from "../../../gateway/audit/anchor-file.ts";
import type { AuditEvent } from "../../../gateway/audit/audit.ts";
import { retainEvents, setRetention } from "../../../gateway/audit/retention.ts";
import { verifyChain } from "../../../gateway/audit/verify.ts";
import { listEvents } from "../../../gateway/database/audit-events.ts";
import { fakeClock, scratch, testApp } from "../support.ts";

const DAY = 86_400_000;
const event: AuditEvent = { org: "org_1", type: "sign-in", actor: { id: "usr_1", type: "user" }, status: "success" };

async function house() {
  const clock = fakeClock();
  const DATA_DIR = scratch();
  const app = await testApp({ env: { DATA_DIR }, now: clock.now });
  return {
    app,
    clock,
    DATA_DIR,
    file: `${DATA_DIR}/audit-anchors.jsonl`,
    verify: () => verifyChain(app.db, "org_1", app.keys.audit),
    /** Ten events a day, anchored in the evening. */
    async live(days: number, org = "org_1") {
      for (let day = 0; day < days; day++) {
        await Promise.all(Array.from({ length: 10 }, () => app.audit.record({ ...event, org })));
        clock.pass(DAY);
        await app.auditTrail.run();
      }
    },
    seqs: async () => (await listEvents(app.db, { org: "org_1", limit: 999 })).map(({ seq }) => seq).reverse(),
  };
}

it("events are kept for ever, until an organisation says for how long; that is an event (AUD-11, AUD-07)", async () => {
  const { app, live, seqs } = await house();
  await live(5);
  expect(await retainEvents(app)).toEqual([]);
  expect(await seqs()).toHaveLength(50);
  await setRetention(app, { org: "org_1", days: 30, actor: "usr_9" });
  const [said] = await listEvents(app.db, { org: "org_1", limit: 1 });
  expect([said!.type, said!.actor_id, JSON.parse(said!.detail)]).toEqual([
    "audit.retention",
    "usr_9",
    { before: 0, days: 30 },
  ]);
});

it("what is older goes in whole segments, and the chain is still provable from its new beginning (AUD-10, AUD-11)", async () => {
  const { app, clock, file, live, seqs, verify } = await house();
  await setRetention(app, { org: "org_1", days: 3, actor: "usr_9" });
  await live(6);
  await live(6, "org_2");
  clock.pass(-6 * DAY);
  const [done, ...others] = await retainEvents(app);
  expect([done, others]).toEqual([{ org: "org_1", through: 21, removed: 21 }, []]);
  expect(await seqs()).toEqual(Array.from({ length: 41 }, (_, n) => n + 22));
  const [last] = await listEvents(app.db, { org: "org_1", limit: 1 });
  expect([last!.type, JSON.parse(last!.detail)]).toEqual(["audit.retain", { through: 21, removed: 21, days: 3 }]);
  expect(await verify()).toMatchObject({ ok: true, events: 41, after: 21 });
  // Again later: the event that tells of the first goes too, the second one stands for both.
  await live(9);
  expect(await retainEvents(app)).toMatchObject([{ org: "org_1" }]);
  expect(await verify()).toMatchObject({ ok: true });
  // Anchors from before are of no use any more and no trouble either.
  await app.auditTrail.run();
  const outside = (await readAnchors(file)).filter(({ org }) => org === "org_1");
  expect(await verifyChain(app.db, "org_1", app.keys.audit, { outside, now: clock.now })).toMatchObject({ ok: true });
});

it("a deletion that goes further, or one with no event, is still found (AUD-10)", async () => {
  const { app, live, verify } = await house();
  await setRetention(app, { org: "org_1", days: 3, actor: "usr_9" });
  await live(8);
  const { through } = (await retainEvents(app))[0]!;
  await app.db.deleteFrom("audit_events").where("seq", "=", through + 1).execute(); // biome-ignore format: one thought
  expect(await verify()).toMatchObject({ ok: false, seq: through + 1, reason: "missing" });
  await app.db.deleteFrom("audit_events").where("seq", "<=", through + 10).execute(); // biome-ignore format: one thought
  await app.db
    .updateTable("audit_heads")
    .set({ base_seq: through + 10 })
    .execute();
  expect(await verify()).toMatchObject({ ok: false, seq: through + 10, reason: "missing" });
});

it("a removal that was cut short is gone on with, and verifies meanwhile (AUD-10)", async () => {
  const { app, live, seqs, verify } = await house();
  await live(5);
  await setRetention(app, { org: "org_1", days: 1, actor: "usr_9" });
  const rows = await app.db.selectFrom("audit_events").selectAll().where("seq", "<=", 10).execute();
  await retainEvents(app);
  await app.db.insertInto("audit_events").values(rows).execute(); // as if these had not gone yet
  expect(await verify()).toMatchObject({ ok: true, after: 30 });
  expect(await retainEvents(app)).toEqual([{ org: "org_1", through: 30, removed: 10 }]);
  expect((await seqs())[0]).toBe(31);
});

it("the command removes as the gateway does, and prints the public keys (AUD-11)", async () => {
  const { app, DATA_DIR, live } = await house();
  await live(5);
  await setRetention(app, { org: "org_1", days: 30, actor: "usr_9" });
  const run = (what: string) =>
    spawnSync(process.execPath, ["scripts/audit.ts", what], {
      env: { PATH: process.env["PATH"], DATA_DIR },
      encoding: "utf8",
    });
  const [first, second] = [run("retain"), run("retain")]; // by today's clock all is older
  expect([first.status, first.stdout.trim()]).toEqual([0, "org_1: 50 events up to 50 removed"]);
  expect(second.stdout.trim()).toBe("Nothing to remove.");
  expect(run("keys").stdout).toMatch(/^[\w-]{12}\n-----BEGIN PUBLIC KEY-----/);
});
