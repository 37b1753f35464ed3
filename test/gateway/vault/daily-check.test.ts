import { randomBytes } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import type { AuditEvent } from "../../../gateway/audit/audit.ts";
import { claimKeyCheck, holdKeyCheck, lastKeyCheck } from "../../../gateway/database/key-checks.ts";
import { checkStoredKeys } from "../../../gateway/vault/daily-check.ts";
import { VaultError } from "../../../gateway/vault/errors.ts";
import { type KeyProvider, localKeys } from "../../../gateway/vault/keys.ts";
import { openers } from "../database/stores.ts";
import { connectionRow, fakeClock, person, type TestApp, testApp } from "../support.ts";

const DAY = 24 * 60 * 60_000;

/** A gateway with a credential in its second version. */
async function house() {
  const clock = fakeClock();
  let lines = "";
  const log = {
    write(line: string) {
      lines += line;
    },
  };
  const app = await testApp({ now: clock.now, env: { LOG_LEVEL: "warn" }, log });
  const { user, org } = await person(app);
  const where = await connectionRow(app, { org, owner: user.id });
  const store = async (version: number) => {
    await app.vault.put({ ...where, version }, { a: version });
    const event: AuditEvent = {
      org,
      type: version === 1 ? "connection.create" : "connection.replace",
      actor: { id: user.id, type: "user" },
      connection: where.connection,
      status: "success",
      detail: { version },
    };
    await app.audit.record(event);
    return await app.db.selectFrom("credentials").selectAll().executeTakeFirstOrThrow();
  };
  const old = await store(1);
  await store(2);
  return { app, clock, old, lines: () => lines };
}

const told = async ({ db }: TestApp) => {
  const rows = await db.selectFrom("audit_events").selectAll().where("type", "=", "keys.verify").execute();
  return rows.map(({ status, detail }) => ({ status, ...JSON.parse(detail) }));
};

const keysCheck = async (app: TestApp) => (await app.health.report()).checks.find(({ name }) => name === "keys");

it("looks once a day at what is stored, and finds an old credential that was put back (VLT-03, VLT-05)", async () => {
  const { app, clock, old, lines } = await house();
  expect(await app.keyCheck.run()).toBe(true);
  expect(await app.keyCheck.run(), "not twice a day").toBe(false);
  expect(await lastKeyCheck(app.db)).toEqual({ endedAt: clock.now(), lookedAt: 1, problems: {} });
  expect(await keysCheck(app)).toMatchObject({ state: "ok" });
  expect(lines()).toBe("");

  await app.db.updateTable("credentials").set(old).execute();
  clock.pass(DAY);
  expect(await app.keyCheck.run()).toBe(true);
  expect((await lastKeyCheck(app.db))?.problems).toEqual({ OLDER_THAN_RECORDED: 1 });
  expect(lines()).toContain("stored keys are not as they should be");
  expect(await told(app)).toMatchObject([
    { status: "success", versions: 1, credentials: 1 },
    { status: "error", versions: 1, problems: { OLDER_THAN_RECORDED: 1 } },
  ]);
  const text = await app.metrics.text();
  expect(text).toMatch(/^vendorsmith_key_check_problems 1$/m);
  expect(text).toContain(`vendorsmith_key_check_timestamp_seconds ${clock.now() / 1000}`);
});

it("says in /ready what it found, until a later look finds nothing (VLT-05, API-03)", async () => {
  const { app, clock, old } = await house();
  const current = await app.db.selectFrom("credentials").selectAll().executeTakeFirstOrThrow();
  await app.db.updateTable("credentials").set(old).execute();
  await app.keyCheck.run();
  expect(await keysCheck(app)).toEqual({
    name: "keys",
    state: "degraded",
    says: expect.stringContaining("1 OLDER_THAN_RECORDED at the last daily look. Run: npm run keys -- verify"),
  });
  await app.db.updateTable("credentials").set(current).execute();
  clock.pass(DAY);
  await app.keyCheck.run();
  expect((await lastKeyCheck(app.db))?.problems).toEqual({});
});

it("finds what does not open, keeps its pace, and tries again an hour after a key service was away (VLT-05)", async () => {
  const { app, clock } = await house();
  const strange = localKeys([{ kid: "k1", key: randomBytes(32) }]);
  let away = true;
  const keys: KeyProvider = {
    ...strange,
    async unwrap(...given) {
      if (away) throw new VaultError("KEYS_UNAVAILABLE", "away");
      return await strange.unwrap(...given);
    },
  };
  const { db, audit, log } = app;
  const run = () => checkStoredKeys({ db, audit, clock, log, keys });
  expect(await run()).toBe(true);
  expect(await lastKeyCheck(db)).toBeUndefined();
  expect(await told(app)).toEqual([]);
  away = false;
  clock.pass(59 * 60_000);
  expect(await run()).toBe(false);
  clock.pass(60_000);
  expect(await run()).toBe(true);
  expect((await lastKeyCheck(db))?.problems).toEqual({ WRONG_KEY: 2 });
});

it.each(openers)(
  "is done by one of many replicas at a time, and by another when that one dies: $name (OPS-10, VLT-05)",
  async ({ open }) => {
    const store = await open();
    if ("missing" in store)
      return process.env["REQUIRE_SERVICES"] ? expect.fail(store.missing) : console.log(store.missing);
    onTestFinished(() => store.close());
    const claim = (holder: string, now: number) =>
      claimKeyCheck(store.db, { holder, now, until: now + 10, endedBefore: now - DAY });
    const claims = await Promise.all(["a", "b", "c"].map((holder) => claim(holder, 1000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    const first = "abc"[claims.indexOf(true)]!;
    expect(await claim("d", 1009)).toBe(false);
    expect(await holdKeyCheck(store.db, { holder: first, until: 1020 })).toBe(true);
    expect(await claim("d", 1010)).toBe(false);
    expect(await claim("d", 1020)).toBe(true);
    expect(await holdKeyCheck(store.db, { holder: first, until: 1040 }), "the first one noticed").toBe(false);
  },
  60_000,
);
