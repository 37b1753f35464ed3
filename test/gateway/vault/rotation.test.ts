import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { verifyChain } from "../../../gateway/audit/verify.ts";
import { BOX_COLUMNS, boundTo } from "../../../gateway/database/boxes.ts";
import { claimRotation } from "../../../gateway/database/key-rotations.ts";
import type { ApprovalRow, Database, StandingApprovalRow } from "../../../gateway/database/schema.ts";
import { countUserKeys } from "../../../gateway/database/user-keys.ts";
import { masterKeys } from "../../../gateway/vault/keys.ts";
import { neededKids } from "../../../gateway/vault/needed.ts";
import { rotateMaster } from "../../../gateway/vault/rotate-master.ts";
import { rotateUserKeys } from "../../../gateway/vault/rotate-users.ts";
import { RotationBusy } from "../../../gateway/vault/rotation.ts";
import { secretBox } from "../../../gateway/vault/secret-box.ts";
import { createVault, type Versioned } from "../../../gateway/vault/vault.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { addSomebody, connectionOf } from "../rows.ts";
import { scratch, type TestApp, testApp } from "../support.ts";
import { TRANSIT, transitFake } from "./fakes/transit-fake.ts";

const OLD = `old:${randomBytes(32).toString("base64")}`;
const NEW = `new:${randomBytes(32).toString("base64")}`;
const WHY = { actor: "usr_1", kind: "call" } as const;
const FAST = { perSecond: 100_000 };

const server = await startPostgres();
const places: { name: string; env: () => Promise<Record<string, string>> }[] = [
  { name: "SQLite", env: async () => ({}) },
];
if (!("missing" in server)) {
  places.push({ name: "PostgreSQL", env: async () => ({ DATABASE_URL: await server.newDatabase() }) });
  afterAll(() => server.stop());
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));

/** So many people with a stored credential each. */
async function people(app: TestApp, count: number): Promise<Versioned[]> {
  const all: Versioned[] = [];
  for (let n = 0; n < count; n++) {
    const { user, org } = await addSomebody(app.db, `p${n}`, 1);
    const row = connectionOf({ org, owner: user, id: `con_${n}` }, 1);
    await app.db.insertInto("connections").values(row).execute();
    all.push({ org, owner: user, vendor: row.vendor, connection: row.id, version: 1 });
    await app.vault.put(all[n]!, { of: n });
  }
  return all;
}

async function gateway(env: Record<string, string> = {}) {
  const DATA_DIR = scratch();
  const begun = await testApp({ env: { DATA_DIR, VAULT_KEYS: OLD, ...env } });
  return { begun, env: { DATA_DIR, ...env } };
}

const house = async (app: TestApp, text: string) => ({
  db: app.db,
  audit: app.audit,
  clock: app.clock,
  keys: await masterKeys(keysIn(text)),
});

const keysIn = (text: string) =>
  text.split(",").map((entry) => {
    const [kid, key] = entry.split(":") as [string, string];
    return { kid, key: Buffer.from(key, "base64") };
  });

const vaultOf = async (app: TestApp, text: string) =>
  createVault({ db: app.db, audit: app.audit, clock: app.clock, keys: await masterKeys(keysIn(text)) });

describe("rotating the master key", () => {
  it("wraps user keys and every box anew, and afterwards nothing needs the old one (VLT-06)", async () => {
    const { begun: app } = await gateway();
    const [ann] = await people(app, 3);
    const boxes = await oneBoxOfEach(app, ann!);
    const before = await app.db.selectFrom("credentials").selectAll().orderBy("connection_id").execute();

    const { done, failed } = await rotateMaster(await house(app, `${NEW},${OLD}`), FAST);

    expect([done, failed]).toEqual([3 + boxes.length, {}]);
    expect((await neededKids(app.db)).map(({ kid }) => kid)).toEqual(["new"]);
    expect(await app.db.selectFrom("credentials").selectAll().orderBy("connection_id").execute()).toEqual(before);
    expect(await (await vaultOf(app, NEW)).open(ann!, WHY)).toEqual({ of: 0 });
    const box = secretBox(await masterKeys(keysIn(NEW)));
    for (const { read, bound } of boxes) expect(await box.open(await read(), bound)).toBe("secret");
  });

  it("knows every column that holds a box (VLT-06)", () => {
    const schema = readFileSync("gateway/database/schema.ts", "utf8");
    const tables = new Map([...schema.matchAll(/^ {2}(\w+): (\w+Row);/gm)].map(([, table, row]) => [row, table]));
    const found = [...schema.matchAll(/^export interface (\w+Row) \{\n([\s\S]*?)^\}/gm)].flatMap(([, row, body]) =>
      [...body!.matchAll(/^ {2}(\w*box): string/gm)].map(([, column]) => `${tables.get(row!)}.${column}`),
    );
    const known = BOX_COLUMNS.filter(({ column }) => column !== "payload");
    expect(found.sort()).toEqual(known.map(({ table, column }) => `${table}.${column}`).sort());
  });

  it("is recorded where it began and ended, and in each organisation with counts (VLT-06)", async () => {
    const { begun: app } = await gateway();
    const [ann, bob] = await people(app, 2);
    await rotateMaster(await house(app, `${NEW},${OLD}`), FAST);
    const events = await app.db.selectFrom("audit_events").selectAll().where("type", "like", "keys.%").execute();
    const told = events.map(({ org_id, type, status, detail }) => [org_id, type, status, JSON.parse(detail)]);
    expect(told).toHaveLength(4);
    for (const { org } of [ann!, bob!])
      expect(told).toContainEqual([org, "keys.rewrap", "success", { what: "user keys", count: 1, scope: "new" }]);
    expect(told).toContainEqual([
      "system",
      "keys.rotate",
      "success",
      { kind: "master", scope: "new", done: 2, resumed: false },
    ]);
    expect(JSON.stringify(told)).not.toContain(OLD.slice(4));
  });

  it("leaves a row that does not open as it is, and says so (VLT-06)", async () => {
    const { begun: app } = await gateway();
    const [ann, bob] = await people(app, 2);
    await app.db
      .updateTable("user_keys")
      .set({ wrapped: randomBytes(60) })
      .where("owner_id", "=", bob!.owner)
      .execute();
    const { done, failed } = await rotateMaster(await house(app, `${NEW},${OLD}`), FAST);
    expect([done, failed]).toEqual([1, { WRONG_KEY: 1 }]);
    expect(await (await vaultOf(app, NEW)).open(ann!, WHY)).toEqual({ of: 0 });
  });

  it("is done by one at a time, and taken over from one that died (VLT-06)", async () => {
    const { begun: app } = await gateway();
    await people(app, 2);
    const now = app.clock.now();
    await claimRotation(app.db, { kind: "master", scope: "new", holder: "other", now });
    const both = await house(app, `${NEW},${OLD}`);
    await expect(rotateMaster(both, FAST)).rejects.toThrow(RotationBusy);
    const later = { ...both, clock: { now: () => now + 61_000 } };
    expect((await rotateMaster(later, FAST)).done).toBe(2);
  });

  for (const { name, env } of places)
    it(`loses nothing when it is killed in the middle again and again, while a gateway serves: ${name} (VLT-06)`, async () => {
      const { begun, env: place } = await gateway(await env());
      const all = await people(begun, 300);
      await begun.close();
      const app = await testApp({ env: { ...place, VAULT_KEYS: `${OLD},${NEW}`, AUDIT_KEY: auditKeyOf(begun) } });
      const reading = readAllTheTime(app, all);

      const command = { ...place, VAULT_KEYS: `${NEW},${OLD}`, AUDIT_KEY: auditKeyOf(begun) };
      let left = 300;
      for (let round = 0; round < 4; round++) {
        await killedRotation(command, Math.random() * 250);
        const now = await countUserKeys(app.db, { notKid: "new" });
        expect(now).toBeLessThanOrEqual(left);
        left = now;
        // As a minute later: the lease of the killed one has run out.
        await app.db.updateTable("key_rotations").set({ leased_until: 0 }).execute();
      }
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(300);
      expect((await runKeys(command, "rotate", "master", "--per-second", "2000")).code).toBe(0);
      expect(await countUserKeys(app.db, { notKid: "new" })).toBe(0);

      const { opened, failed } = await reading();
      expect(failed).toEqual([]);
      expect(opened).toBeGreaterThan(50);
      const vault = await vaultOf(app, NEW);
      for (const [n, where] of all.entries()) expect(await vault.open(where, WHY)).toEqual({ of: n });
      const rewraps = await app.db
        .selectFrom("audit_events")
        .select("detail")
        .where("type", "=", "keys.rewrap")
        .execute();
      expect(rewraps.reduce((sum, { detail }) => sum + JSON.parse(detail).count, 0)).toBe(300);
      expect(await verifyChain(app.db, all[0]!.org, app.keys.audit)).toMatchObject({ ok: true });
      const { code, output } = await runKeys(command, "retire", "old");
      expect([code, output]).toEqual([0, expect.stringContaining("Backups from before the rotation still do")]);
    }, 180_000);
});

describe("rotating user keys", () => {
  for (const { name, env } of places)
    it(`never keeps anybody from reading or replacing a credential meanwhile: ${name} (VLT-06)`, async () => {
      const { begun: app } = await gateway(await env());
      const all = await people(app, 20);
      const before = await app.db.selectFrom("user_keys").selectAll().execute();
      const reading = readAllTheTime(app, all);
      const [first] = all;
      let version = 1;
      const replacing = (async () => {
        for (; version < 20; await sleep(5)) await app.vault.put({ ...first!, version: ++version }, { of: 0 });
      })();
      const here = await house(app, OLD);
      for (let round = 0; round < 3; round++) {
        const { done, failed } = await rotateUserKeys(here, {}, FAST);
        expect([done, failed]).toEqual([20, {}]);
        await sleep(5);
      }
      await replacing;
      expect((await reading()).failed).toEqual([]);
      const after = await app.db.selectFrom("user_keys").selectAll().execute();
      for (const row of before) {
        const now = after.find(({ owner_id }) => owner_id === row.owner_id)!;
        expect(now.version).toBeGreaterThan(row.version);
        expect(Buffer.compare(now.wrapped, row.wrapped)).not.toBe(0);
      }
      for (const [n, where] of all.entries()) expect(await app.vault.open(where, WHY)).toEqual({ of: n });
    }, 60_000);

  it("can be for one person or one organisation (VLT-06)", async () => {
    const { begun: app } = await gateway();
    const [ann, bob] = await people(app, 3);
    const here = await house(app, OLD);
    await sleep(2);
    expect((await rotateUserKeys(here, { owner: ann!.owner }, FAST)).done).toBe(1);
    expect((await rotateUserKeys(here, { org: bob!.org }, FAST)).done).toBe(1);
    expect((await rotateUserKeys(here, { org: "org_none" }, FAST)).done).toBe(0);
  });

  it("changes nothing of an owner with a credential that does not open (VLT-06)", async () => {
    const { begun: app } = await gateway();
    const [ann] = await people(app, 1);
    await app.db
      .updateTable("credentials")
      .set({ wrapped_key: randomBytes(60) })
      .execute();
    const before = await app.db.selectFrom("user_keys").selectAll().execute();
    await sleep(2);
    expect((await rotateUserKeys(await house(app, OLD), { owner: ann!.owner }, FAST)).failed).toEqual({ WRONG_KEY: 1 });
    expect(await app.db.selectFrom("user_keys").selectAll().execute()).toEqual(before);
  });
});

/** Opens one credential after the other until it is told to stop. */
function readAllTheTime(app: TestApp, all: readonly Versioned[]) {
  let stopped = false;
  const outcome = { opened: 0, failed: [] as unknown[] };
  const reading = (async () => {
    for (let n = 0; !stopped; n = (n + 1) % all.length) {
      const answer = await app.vault.open(all[n]!, WHY).catch((error) => error);
      if (answer.of === n) outcome.opened++;
      else outcome.failed.push(answer);
      await sleep(1);
    }
  })();
  return async () => {
    stopped = true;
    await reading;
    return outcome;
  };
}

const auditKeyOf = (app: TestApp) => app.keys.audit[0]!.toString("base64");

const child = (env: Record<string, string>, args: readonly string[]) =>
  spawn(process.execPath, ["scripts/keys.ts", ...args], { env: { PATH: process.env["PATH"], ...env } });

/** The command as an operator runs it, killed some time after its first batch. */
async function killedRotation(env: Record<string, string>, afterMs: number) {
  const running = child(env, ["rotate", "master", "--per-second", "100"]);
  const ended = new Promise((done) => running.once("close", done));
  await Promise.race([new Promise((begun) => running.stderr.once("data", begun)), ended]);
  await sleep(afterMs);
  running.kill("SIGKILL");
  await ended;
}

async function runKeys(env: Record<string, string>, ...args: string[]) {
  const running = child(env, args);
  let output = "";
  for (const stream of [running.stdout, running.stderr])
    stream.on("data", (text) => {
      output += text;
    });
  const code = await new Promise<number | null>((done) => running.once("close", done));
  return { code, output };
}

interface Boxed {
  readonly bound: readonly string[];
  read(): Promise<string>;
}

/** A row with a box in each place there is. */
async function oneBoxOfEach(app: TestApp, { org, owner: user }: Versioned): Promise<Boxed[]> {
  const { db, vault } = app;
  const boxes: Boxed[] = [];
  const sealed = async (table: keyof Database, column: string, bound: string[], inText = (text: string) => text) => {
    boxes.push({
      bound,
      read: async () =>
        inText(
          (
            (
              await db
                .selectFrom(table as "orgs")
                .selectAll()
                .execute()
            )[0] as never as Record<string, string>
          )[column]!,
        ),
    });
    return await vault.box.seal("secret", bound);
  };
  const sealedClient = await sealed(
    "oauth_clients",
    "payload",
    boundTo.client("c1"),
    (text) => JSON.parse(text).sealed,
  );
  const client = { id: "c1", kind: "dcr" as const, created_at: 1, last_used_at: null };
  await db
    .insertInto("oauth_clients")
    .values({ ...client, payload: JSON.stringify({ sealed: sealedClient }) })
    .execute();
  const totp = await sealed("totp_secrets", "box", boundTo.totp(user));
  await db
    .insertInto("totp_secrets")
    .values({ user_id: user, box: totp, confirmed_at: 1, last_step: 0, created_at: 1 })
    .execute();
  const state = { state_hash: "s1", user_id: user, session_hash: "h", return_to: "/", expires_at: 9e12 };
  const sso = await sealed("sso_states", "box", boundTo.ssoState("s1"));
  await db
    .insertInto("sso_states")
    .values({ ...state, browser_hash: "b", purpose: "sign-in", interaction: null, box: sso, created_at: 1 })
    .execute();
  const signIn = await sealed("vendor_sign_ins", "box", boundTo.vendorSignIn("s1", user));
  const leaving = { ...state, org_id: org, vendor: "acme", connection_id: null, shared: 0, label: "", box: signIn };
  await db.insertInto("vendor_sign_ins").values(leaving).execute();
  await db.insertInto("approvals").values({
    ...approval(org, user),
    box: await sealed("approvals", "box", boundTo.approval(org, "apr_1")),
    note_box: await sealed("approvals", "note_box", boundTo.approvalNote(org, "apr_1")),
  }).execute(); // biome-ignore format: one row
  const fixed_box = await sealed("standing_approvals", "fixed_box", boundTo.standingApproval(org, "sta_1"));
  await db
    .insertInto("standing_approvals")
    .values({ ...standing(org, user), fixed_box })
    .execute();
  const secret_box = await sealed("audit_webhooks", "secret_box", boundTo.webhook(org));
  await db
    .insertInto("audit_webhooks")
    .values({ org_id: org, url: "https://x.example", secret_box, sends_events: 1, sends_alerts: 1, created_at: 1 })
    .execute();
  return boxes;
}

const asked = (org: string, user: string) => ({
  org_id: org,
  user_id: user,
  client_id: "c1",
  client_name: "C",
  vendor: "acme",
  tool: "acme_do",
  tool_hash: "h",
  connections: "con_0@1",
  policy_version: 1,
  expires_at: 9e12,
  created_at: 1,
});

const approval = (org: string, user: string): Omit<ApprovalRow, "box" | "note_box"> => ({
  ...asked(org, user),
  id: "apr_1",
  access: "write",
  call_hash: "h",
  wish_hash: "h",
  needs: "other",
  fresh: 0,
  status: "pending",
  rule: null,
  approver_id: null,
  approver_role: null,
  decided_at: null,
  consumed_call_id: null,
  consumed_at: null,
  run_until: null,
  outcome: null,
  finished_at: null,
});

const standing = (org: string, user: string): Omit<StandingApprovalRow, "fixed_box"> => ({
  ...asked(org, user),
  id: "sta_1",
  customer_id: null,
  free_names: "[]",
  fixed_hash: "h",
  uses: 0,
  max_uses: 1,
  created_by: user,
  ended_by: null,
  ended_at: null,
});

it("a service that turned its key makes everything be wrapped with the new version (VLT-05, VLT-06)", async () => {
  const fake = await transitFake();
  const env = {
    VAULT_KEYS: `bao:transit://${fake.host}/keys/transit/main?namespace=msp`,
    TRANSIT_TOKEN: TRANSIT.token,
  };
  const app = await testApp({ env });
  const all = await people(app, 3);
  fake.turn();
  const keys = await masterKeys(app.keys.vault, { transit: app.config.transit });
  const { scope, done } = await rotateMaster({ db: app.db, audit: app.audit, clock: app.clock, keys }, FAST);
  expect([scope, done]).toEqual(["bao/2", 3]);
  for (const [n, where] of all.entries()) expect(await app.vault.open(where, WHY)).toEqual({ of: n });
  expect(await app.vault.health()).toMatchObject({ ok: true, keys: [{ kid: "bao", state: "ok" }] });
  fake.trouble = "down";
  await expect(
    rotateUserKeys({ db: app.db, audit: app.audit, clock: app.clock, keys }, {}, FAST),
  ).rejects.toMatchObject({
    code: "KEYS_UNAVAILABLE",
  });
  await fake.close();
});
