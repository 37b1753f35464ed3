import { spawnSync } from "node:child_process";
import { readFileSync, statSync, utimesSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verifyAll, verifyChain } from "../../gateway/audit/verify.ts";
import { readConfig } from "../../gateway/config.ts";
import { chainedOrgs } from "../../gateway/database/audit-events.ts";
import { openDatabase } from "../../gateway/database/index.ts";
import { noteKeyHolder } from "../../gateway/database/key-holders.ts";
import { completeKeys } from "../../gateway/keys.ts";
import { connectionRow, person, scratch, testApp } from "../gateway/support.ts";

const WHY = { actor: "usr_1", kind: "call" } as const;

/** The command as an operator runs it. */
function keys(env: Record<string, string>, ...args: string[]) {
  const options = { env: { PATH: process.env["PATH"], ...env }, encoding: "utf8" as const };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/keys.ts", ...args], options);
  return { code: status, output: stdout + stderr };
}

function storage(env: Record<string, string>, ...args: string[]) {
  const options = { env: { PATH: process.env["PATH"], ...env }, encoding: "utf8" as const };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/storage.ts", ...args], options);
  return { code: status, output: stdout + stderr };
}

const namesIn = (DATA_DIR: string) => {
  const { vault, signing, cookies, audit } = completeKeys(readConfig({ DATA_DIR }), ["vault"]).keys;
  return { vault: vault.map(({ kid }) => kid), signing: signing.map(({ kid }) => kid), cookies, audit };
};

/** A gateway with one stored credential, closed. */
async function used() {
  const DATA_DIR = scratch();
  const app = await testApp({ env: { DATA_DIR } });
  const { user, org } = await person(app);
  const where = await connectionRow(app, { org, owner: user.id });
  await app.vault.put({ ...where, version: 1 }, { a: 1 });
  await app.close();
  return { DATA_DIR, where };
}

describe("keys in files of DATA_DIR", () => {
  it("rotate from a first key to a second one, with nothing lost on the way (VLT-06)", async () => {
    const { DATA_DIR, where } = await used();
    const env = { DATA_DIR };
    expect(keys(env, "rotate", "master", "--step", "use")).toMatchObject({
      code: 1,
      output: expect.stringContaining("one key only"),
    });
    expect(keys(env, "rotate", "master", "--step", "add").code).toBe(0);
    expect(namesIn(DATA_DIR).vault).toEqual(["k1", "k2"]);
    expect(keys(env, "rotate", "master", "--step", "use").code).toBe(0);
    const early = keys(env, "rotate", "master", "--step", "drop");
    expect(early).toMatchObject({ code: 1, output: expect.stringContaining("k1 still wraps something") });
    expect(keys(env, "rotate", "master")).toMatchObject({ code: 0, output: expect.stringContaining("k2: 1 rows") });
    expect(keys(env, "rotate", "master", "--step", "drop").code).toBe(0);
    expect(namesIn(DATA_DIR).vault).toEqual(["k2"]);
    expect(statSync(`${DATA_DIR}/vault.key`).mode & 0o777).toBe(0o600);
    const app = await testApp({ env });
    expect(await app.vault.open(where, WHY)).toEqual({ a: 1 });
  }, 120_000);

  it("keep an old signing key until tokens of it have run out, and an audit key while events name it (VLT-06)", async () => {
    const { DATA_DIR } = await used();
    const env = { DATA_DIR };
    const [old] = namesIn(DATA_DIR).signing;
    for (const step of ["add", "use"]) expect(keys(env, "rotate", "signing", "--step", step).code).toBe(0);
    expect(namesIn(DATA_DIR).signing[1]).toBe(old);
    expect(keys(env, "rotate", "signing", "--step", "drop")).toMatchObject({
      code: 1,
      output: expect.stringContaining("two hours"),
    });
    const before = new Date(Date.now() - 3 * 60 * 120_000);
    utimesSync(`${DATA_DIR}/signing.key`, before, before);
    expect(keys(env, "rotate", "signing", "--step", "drop").code).toBe(0);
    expect(namesIn(DATA_DIR).signing).not.toContain(old);
    for (const step of ["add", "use"]) expect(keys(env, "rotate", "audit", "--step", step).code).toBe(0);
    expect(keys(env, "rotate", "audit", "--step", "drop")).toMatchObject({
      code: 1,
      output: expect.stringContaining("still kept"),
    });
  }, 120_000);
});

it("keys that a variable holds are told in words, and no key is shown (VLT-04, VLT-06)", async () => {
  const { DATA_DIR } = await used();
  const VAULT_KEYS = readFileSync(`${DATA_DIR}/vault.key`, "utf8").trim();
  const { code, output } = keys({ DATA_DIR, VAULT_KEYS }, "rotate", "master", "--step", "add");
  expect([code, output]).toEqual([0, expect.stringContaining("Put it after the others in VAULT_KEYS")]);
  const all = ["status", "verify"].map((command) => keys({ DATA_DIR }, command).output).join("") + output;
  const secrets = ["vault", "audit", "cookie"].map((file) =>
    readFileSync(`${DATA_DIR}/${file}.key`, "utf8").trim().replace(/^k1:/, ""),
  );
  for (const secret of secrets) expect(all).not.toContain(secret);
  expect(keys({}, "new", "master").output).toMatch(/^k1:[A-Za-z0-9+/]{43}=$/m);
  expect(keys({ VAULT_KEYS }, "new", "master").output).toMatch(/^k2:[A-Za-z0-9+/]{43}=$/m);
  expect(keys({}, "rotate", "nothing").code).toBe(2);
}, 120_000);

it("a gateway that runs without the new key keeps the rotation from beginning (VLT-06)", async () => {
  const { DATA_DIR } = await used();
  const running = await testApp({ env: { DATA_DIR } });
  await running.ready();
  for (const step of ["add", "use"]) keys({ DATA_DIR }, "rotate", "master", "--step", step);
  expect(keys({ DATA_DIR }, "rotate", "master")).toMatchObject({
    code: 3,
    output: expect.stringContaining("Gateways that run without k2 and could not open what it wraps: 1."),
  });
  expect(keys({ DATA_DIR }, "status").output).toContain("1 of them without the master key k2");
  await running.close();
  const again = await testApp({ env: { DATA_DIR } });
  await again.ready();
  expect(keys({ DATA_DIR }, "rotate", "master").code).toBe(0);
  await again.close();
}, 120_000);

describe("verifying keys", () => {
  it("says what would be lost: a wrong master key, a moved row, an erased owner (VLT-05)", async () => {
    const { DATA_DIR, where } = await used();
    const env = { DATA_DIR };
    expect(keys(env, "verify")).toMatchObject({
      code: 0,
      output: expect.stringContaining("Looked at 1 user keys, 1 credentials"),
    });
    const wrong = keys({ DATA_DIR, VAULT_KEYS: "k1:6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=" }, "verify");
    expect(wrong).toMatchObject({
      code: 1,
      output: expect.stringContaining(`WRONG_KEY: credential ${where.connection}`),
    });
    const other = keys({ DATA_DIR, VAULT_KEYS: "k7:6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=" }, "verify");
    expect(other.output).toContain(`UNKNOWN_KID: user key ${where.owner}`);
    const app = await testApp({ env });
    await app.vault.destroyOwner(where.org, where.owner);
    await app.close();
    expect(keys(env, "verify").output).toContain(`NO_USER_KEY: credential ${where.connection}`);
  }, 120_000);

  it("finds an old row that was put back with its own old version (VLT-03)", async () => {
    const DATA_DIR = scratch();
    const app = await testApp({ env: { DATA_DIR } });
    const { user, org } = await person(app);
    const where = await connectionRow(app, { org, owner: user.id });
    const store = async (version: number, type: string) => {
      await app.vault.put({ ...where, version }, { a: version });
      const event = {
        org,
        type,
        actor: { id: user.id, type: "user" as const },
        connection: where.connection,
        status: "success" as const,
      };
      await app.audit.record({ ...event, detail: { version } });
    };
    await store(1, "connection.create");
    const old = await app.db.selectFrom("credentials").selectAll().executeTakeFirstOrThrow();
    await store(2, "connection.replace");
    expect(keys({ DATA_DIR }, "verify").code).toBe(0);
    await app.db.updateTable("credentials").set(old).execute();
    expect(await app.vault.open(where, WHY)).toEqual({ a: 1 });
    const { code, output } = keys({ DATA_DIR }, "verify");
    expect([code, output]).toEqual([1, expect.stringContaining(`OLDER_THAN_RECORDED: credential ${where.connection}`)]);
  }, 120_000);
});

describe("giving up a master key that is lost", () => {
  it("begins with another name for the key that took its place, when that was put under the old one (VLT-05)", async () => {
    const { DATA_DIR, where } = await used();
    const other = keys({}, "new", "master").output.match(/k1:(\S+)/)![1]!;
    await expect(testApp({ env: { DATA_DIR, VAULT_KEYS: `k1:${other}` } })).rejects.toThrow(
      "npm run keys -- forget k1",
    );
    expect(keys({ DATA_DIR, VAULT_KEYS: `k1:${other}` }, "forget", "k1", "--yes")).toMatchObject({
      code: 1,
      output: expect.stringContaining("give that one another name first"),
    });
    const env = { DATA_DIR, VAULT_KEYS: `k2:${other}` };
    expect(keys(env, "forget", "k1", "--yes").code).toBe(0);
    const app = await testApp({ env });
    await app.vault.put({ ...where, version: 2 }, { a: 2 });
    expect(await app.vault.open(where, WHY)).toEqual({ a: 2 });
  }, 120_000);

  it("deletes what nothing can open, says so beforehand, and lets people connect anew (VLT-05)", async () => {
    const { DATA_DIR, where } = await used();
    const VAULT_KEYS = keys({}, "new", "master").output.match(/k1:(\S+)/)![1]!;
    const env = { DATA_DIR, VAULT_KEYS: `fresh:${VAULT_KEYS}` };
    await expect(testApp({ env })).rejects.toThrow("stored credentials need the master key k1");
    expect(keys({ DATA_DIR }, "forget", "k1", "--yes")).toMatchObject({
      code: 1,
      output: expect.stringContaining("nothing of it is lost"),
    });
    const asked = keys(env, "forget", "k1");
    expect(asked).toMatchObject({ code: 0, output: expect.stringContaining("1 user keys and 1 credentials need k1") });
    await expect(testApp({ env })).rejects.toThrow("stored credentials need the master key k1");
    expect(keys(env, "forget", "k1", "--yes").code).toBe(0);
    const app = await testApp({ env });
    await expect(app.vault.open(where, WHY)).rejects.toMatchObject({ code: "NOTHING_STORED" });
    const connection = await app.db.selectFrom("connections").selectAll().executeTakeFirstOrThrow();
    expect([connection.status, connection.last_error]).toEqual(["error", "VENDOR_AUTH"]);
    await app.vault.put({ ...where, version: 2 }, { a: 2 });
    expect(await app.vault.open(where, WHY)).toEqual({ a: 2 });
    expect(
      await app.db.selectFrom("audit_events").select("type").where("type", "=", "keys.forget").execute(),
    ).toHaveLength(1);
  }, 120_000);
});

describe("giving up an audit key that is lost", () => {
  it("lets trails go on with the new one, says so in each, and proves no more of what was (AUD-07, VLT-05)", async () => {
    const { DATA_DIR } = await used();
    expect(keys({ DATA_DIR }, "forget", "--audit", "--yes")).toMatchObject({
      code: 0,
      output: expect.stringContaining("nothing to give up"),
    });
    const env = { DATA_DIR, AUDIT_KEY: keys({}, "new", "audit").output.split("\n")[0]! };
    await expect(testApp({ env })).rejects.toThrow("npm run keys -- forget --audit");
    for (const refused of [
      ["rotate", "users", "--all"],
      ["rotate", "master"],
    ])
      expect(keys(env, ...refused)).toMatchObject({
        code: 2,
        output: expect.stringContaining("keys -- forget --audit"),
      });
    expect(keys(env, "forget", "--audit").output).toContain("Nothing was changed.");
    await expect(testApp({ env })).rejects.toThrow("npm run keys -- forget --audit");
    expect(keys(env, "forget", "--audit", "--yes").code).toBe(0);
    const app = await testApp({ env });
    const told = await app.db.selectFrom("audit_events").selectAll().where("type", "=", "keys.forget").execute();
    const orgs = await chainedOrgs(app.db);
    expect(told.map(({ org_id }) => org_id).sort()).toEqual(orgs);
    expect(JSON.parse(told[0]!.detail).audit).toHaveLength(1);
    const verdicts = await verifyAll(app.db, app.keys.audit);
    expect(verdicts).toEqual(orgs.map((org) => ({ ok: false, org, seq: 1, reason: "key missing" })));
  }, 120_000);

  it("lets the installation be backed up, restored and moved as before, and forges nothing (AUD-07, OPS-08)", async () => {
    const { DATA_DIR } = await used();
    const env = { DATA_DIR, AUDIT_KEY: keys({}, "new", "audit").output.split("\n")[0]! };
    const file = `${scratch()}/of-a-test.backup`;
    expect(storage(env, "backup", "--to", file).code).toBe(0);
    expect(storage({ ...env, DATA_DIR: scratch() }, "restore", "--from", file)).toMatchObject({
      code: 1,
      output: expect.stringContaining("key missing"),
    });
    expect(keys(env, "forget", "--audit", "--yes").code).toBe(0);
    const again = `${scratch()}/of-a-test.backup`;
    expect(storage(env, "backup", "--to", again).code).toBe(0);
    expect(storage({ ...env, DATA_DIR: scratch() }, "restore", "--from", again)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/\d+ events are of an audit key that was given up as lost: nobody can prove them/),
    });

    const app = await testApp({ env });
    const verdicts = () => verifyAll(app.db, app.keys.audit, { passGivenUp: true });
    expect((await verdicts()).every(({ ok }) => ok)).toBe(true);
    const [lost] = await app.db.selectFrom("audit_events").selectAll().where("seq", "=", 1).where("org_id", "<>", "system").execute(); // biome-ignore format: one thought
    await app.audit.record({ org: lost!.org_id, type: "a", actor: { id: "a", type: "system" }, status: "success" });
    const last = () => app.db.updateTable("audit_events").where("type", "=", "a");
    const [{ key_id } = { key_id: "" }] = await app.db
      .selectFrom("audit_events")
      .selectAll()
      .where("type", "=", "a")
      .execute();
    await last().set({ key_id: lost!.key_id }).execute();
    expect(await verdicts(), "nothing is of the lost key after it was given up").toContainEqual(
      expect.objectContaining({ ok: false, reason: "key missing" }),
    );
    await last().set({ key_id }).execute();
    expect((await verdicts()).every(({ ok }) => ok)).toBe(true);
    await app.db.deleteFrom("audit_events").where("seq", "=", 1).where("org_id", "<>", "system").execute();
    expect(await verdicts(), "what is gone is still missed").toContainEqual(
      expect.objectContaining({ ok: false, reason: "missing" }),
    );
  }, 120_000);

  it("is believed of no event that somebody without the key wrote (AUD-07)", async () => {
    const { DATA_DIR } = await used();
    const app = await testApp({ env: { DATA_DIR } });
    const [{ org_id, key_id } = { org_id: "", key_id: "" }] = await app.db
      .selectFrom("audit_events")
      .selectAll()
      .execute();
    await app.db
      .updateTable("audit_events")
      .set({ type: "keys.forget", detail: JSON.stringify({ audit: [key_id] }) })
      .where("org_id", "=", org_id)
      .execute();
    const other = [Buffer.alloc(32, 9)];
    expect(await verifyChain(app.db, org_id, other, { passGivenUp: true })).toMatchObject({ reason: "key missing" });
  });

  it("waits until no gateway serves, and not longer: one that was killed holds nobody up (VLT-05)", async () => {
    const { DATA_DIR } = await used();
    const running = await testApp({ env: { DATA_DIR } });
    await running.ready();
    for (const what of ["--audit", "k1"])
      expect(keys({ DATA_DIR }, "forget", what)).toMatchObject({
        code: 3,
        output: expect.stringContaining("Stop every gateway"),
      });
    await running.close();
    const db = await openDatabase(readConfig({ DATA_DIR }).database);
    const names = { master: ["k1"], audit: [], cookies: [], signing: [] };
    await noteKeyHolder(db, "killed", names, Date.now());
    await db.destroy();
    expect(keys({ DATA_DIR }, "forget", "--audit").code).toBe(0);
  }, 120_000);

  it("is asked for with one name or with --audit, and not with both", () => {
    expect(keys({}, "forget").code).toBe(2);
    expect(keys({}, "forget", "k1", "--audit").code).toBe(2);
  });
});

it("a name that no key has is a slip, and the names that there are are said (VLT-05)", async () => {
  const { DATA_DIR } = await used();
  for (const command of [["retire"], ["forget"], ["forget", "--yes"]])
    expect(keys({ DATA_DIR }, command[0]!, "k11", ...command.slice(1))).toEqual({
      code: 1,
      output: "There is no master key k11.\nIn VAULT_KEYS: k1.\nBeside what is stored: k1.\n",
    });
}, 120_000);
