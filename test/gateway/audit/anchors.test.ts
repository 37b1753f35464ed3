import { spawnSync } from "node:child_process";
import { createPublicKey, verify as verifySignature } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { readAnchors } from "../../../gateway/audit/anchor-file.ts";
import { anchorKeys, signedText } from "../../../gateway/audit/anchor-keys.ts";
import { anchorStore } from "../../../gateway/audit/anchor-store.ts";
import { createAnchoring } from "../../../gateway/audit/anchoring.ts";
import type { AuditEvent } from "../../../gateway/audit/audit.ts";
import { verifyChain } from "../../../gateway/audit/verify.ts";
import { listAnchors } from "../../../gateway/database/audit-anchors.ts";
import { listEvents } from "../../../gateway/database/audit-events.ts";
import { fakeClock, scratch, type TestApp, testApp } from "../support.ts";
import { S3_KEY, s3Fake } from "./s3-fake.ts";

const MINUTE = 60_000;
const event: AuditEvent = { org: "org_1", type: "sign-in", actor: { id: "usr_1", type: "user" }, status: "success" };
const many = (app: TestApp, count: number, org = "org_1") =>
  Promise.all(Array.from({ length: count }, () => app.audit.record({ ...event, org })));
const anchored = async (app: TestApp, org = "org_1") => (await listAnchors(app.db, org)).map(({ seq }) => seq);

async function house(env: Record<string, string> = {}) {
  const clock = fakeClock();
  const DATA_DIR = scratch();
  const app = await testApp({ env: { DATA_DIR, ...env }, now: clock.now });
  const run = (...more: string[]) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ["scripts/audit.ts", "verify", ...more], {
      env: { PATH: process.env["PATH"], DATA_DIR },
      encoding: "utf8",
    });
    return { status, stdout: stdout.trim(), stderr: stderr.trim() };
  };
  return { app, clock, DATA_DIR, file: `${DATA_DIR}/audit-anchors.jsonl`, run };
}

it("an end is anchored at first, after 1,000 events and after 5 minutes, per organisation (AUD-10)", async () => {
  const { app, clock, file } = await house();
  await many(app, 3);
  await many(app, 2, "org_2");
  await app.auditTrail.run();
  expect([await anchored(app), await anchored(app, "org_2")]).toEqual([[3], [2]]);
  await many(app, 999);
  await app.auditTrail.run();
  expect(await anchored(app)).toEqual([3]);
  await many(app, 1);
  await app.auditTrail.run();
  expect(await anchored(app)).toEqual([3, 1003]);
  await many(app, 1, "org_2");
  clock.pass(5 * MINUTE - 1);
  await app.auditTrail.run();
  expect(await anchored(app, "org_2")).toEqual([2]);
  clock.pass(1);
  await app.auditTrail.run();
  await app.auditTrail.run();
  expect([await anchored(app), await anchored(app, "org_2")]).toEqual([
    [3, 1003],
    [2, 3],
  ]);
  expect((await readAnchors(file)).map(({ org, seq }) => `${org}/${seq}`)).toEqual([
    "org_1/3",
    "org_2/2",
    "org_1/1003",
    "org_2/3",
  ]);
  expect(statSync(file).mode & 0o077).toBe(0);
});

it("anybody can check an anchor with the public key alone (AUD-10)", async () => {
  const { app, file } = await house();
  await many(app, 1);
  await app.auditTrail.run();
  const [anchor] = await readAnchors(file);
  const pem = anchorKeys(app.keys.audit).public[anchor!.key]!;
  const check = (seq: number) =>
    verifySignature(
      null,
      Buffer.from(signedText({ ...anchor!, seq }, anchor!.key)),
      createPublicKey(pem),
      Buffer.from(anchor!.signature, "base64url"),
    );
  expect([check(1), check(2)]).toEqual([true, false]);
});

it("the command holds the chain against anchors from outside and says what is missing (AUD-10)", async () => {
  const { app, clock, file, run } = await house();
  await many(app, 5);
  expect(run("--anchors", file)).toMatchObject({ status: 2, stderr: expect.stringContaining("--anchors:") });
  await app.auditTrail.run();
  expect(run("--anchors", file)).toMatchObject({ status: 0, stdout: "org_1: intact, 5 events, 2 anchors" });
  expect(JSON.parse(run("--json").stdout)).toEqual([
    { ok: true, org: "org_1", events: 5, anchors: 1, words: "intact, 5 events, 1 anchor" },
  ]);

  // Events of January that nothing anchored, seen today.
  await many(app, 1);
  expect(run("--anchors", file)).toMatchObject({ status: 2, stdout: expect.stringContaining("anchor missing") });
  clock.pass(5 * MINUTE);
  await app.auditTrail.run();
  expect(run("--anchors", file).status).toBe(0);

  // All of it gone from the database: the tail, the head and the table of anchors.
  await app.db.deleteFrom("audit_events").execute();
  await app.db.deleteFrom("audit_heads").execute();
  await app.db.deleteFrom("audit_anchors").execute();
  expect(run()).toMatchObject({ status: 0, stdout: "" });
  expect(run("--anchors", file)).toMatchObject({ status: 1, stdout: expect.stringMatching(/^org_1: cut at event 1:/) });

  appendFileSync(file, "not an anchor\n");
  expect(run("--anchors", file)).toMatchObject({ status: 2, stderr: expect.stringContaining(":3 is no anchor") });
  expect(run("--ancors", file)).toMatchObject({ status: 2, stderr: expect.stringContaining("no option --ancors") });
});

it("a key that is missing is another answer than a broken chain (AUD-10)", async () => {
  const { app, DATA_DIR, run } = await house();
  await many(app, 2);
  rmSync(`${DATA_DIR}/audit.key`);
  writeFileSync(`${DATA_DIR}/audit.key`, "6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=\n", { mode: 0o600 });
  expect(run()).toMatchObject({ status: 3, stdout: expect.stringContaining("key missing at event 1") });
  await app.db.updateTable("audit_events").set({ prev_mac: "x" }).where("seq", "=", 1).execute();
  expect(run().status).toBe(1);
});

it("a file that cannot be written is loud, in log and trail, and is caught up with (AUD-09, AUD-10)", async () => {
  const folder = `${scratch()}/later`;
  const lines: string[] = [];
  const app = await testApp({
    env: { AUDIT_ANCHORS_FILE: `${folder}/anchors`, LOG_LEVEL: "error" },
    log: { write: (line) => void lines.push(line) },
  });
  await many(app, 1000);
  await app.auditTrail.run();
  await many(app, 1000);
  await app.auditTrail.run();
  const told = async () =>
    (await listEvents(app.db, { org: "org_1", limit: 9999 }))
      .filter(({ type }) => type === "audit.anchor")
      .map(({ status }) => status);
  expect(await told()).toEqual(["error"]);
  expect(lines.filter((line) => line.includes("audit anchors cannot be written"))).toHaveLength(1);
  mkdirSync(folder);
  await app.auditTrail.run();
  expect((await readAnchors(`${folder}/anchors`)).map(({ seq }) => seq)).toEqual(await anchored(app));
  expect(await told()).toEqual(["success", "error"]);
});

it("a store takes an object each, signed, locked when asked, and once more after it was away (AUD-10)", async () => {
  const fake = await s3Fake();
  onTestFinished(async () => void (await fake.close()));
  const app = await testApp({ env: { AUDIT_ANCHORS_FILE: "off" } });
  const now = () => Date.UTC(2026, 0, 5);
  const troubles: unknown[] = [];
  const anchoring = (secret: string) =>
    createAnchoring({
      db: app.db,
      keys: app.keys.audit,
      clock: app.clock,
      places: {
        store: anchorStore({ ...S3_KEY, secret, url: `${fake.url}/bucket/dir`, lockDays: 30 }, { fetch, now }),
      },
      onTrouble: async (trouble) => void troubles.push(trouble),
    });
  await many(app, 1);
  await anchoring("wrong").run();
  expect([fake.refused, fake.objects.size]).toEqual([1, 0]);
  expect(troubles).toMatchObject([{ place: "store", orgs: ["org_1"], error: expect.any(Error) }]);
  const right = anchoring(S3_KEY.secret);
  fake.status = 503;
  await right.run();
  expect(fake.objects.size).toBe(0);
  fake.status = 200;
  await right.run();
  expect(troubles).toHaveLength(3);
  expect(troubles[2]).toEqual({ place: "store", orgs: ["org_1"] });
  const object = fake.objects.get("/bucket/dir/org_1/000000000001.json");
  expect(object?.headers).toMatchObject({
    "x-amz-object-lock-mode": "COMPLIANCE",
    "x-amz-object-lock-retain-until-date": "2026-02-04T00:00:00.000Z",
  });
  const file = `${scratch()}/fetched`;
  writeFileSync(file, object!.body);
  expect(await verifyChain(app.db, "org_1", app.keys.audit, { outside: await readAnchors(file) })).toMatchObject({
    ok: true,
    anchors: 2,
  });
  expect(readFileSync(file, "utf8")).not.toContain("usr_1");
});
