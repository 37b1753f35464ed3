import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isLocal } from "../../../gateway/config/master-keys.ts";
import { readConfig } from "../../../gateway/config.ts";
import { boundTo } from "../../../gateway/database/boxes.ts";
import { openDatabase } from "../../../gateway/database/index.ts";
import { putTotp } from "../../../gateway/database/second-factors.ts";
import { replaceUserKey, userKeyPage } from "../../../gateway/database/user-keys.ts";
import { completeKeys } from "../../../gateway/keys.ts";
import { connectionRow, person, scratch, type TestApp, testApp } from "../support.ts";

const smallSecret = async ({ db, vault }: TestApp, user_id: string) =>
  await putTotp(db, {
    user_id,
    box: await vault.box.seal("secret", boundTo.totp(user_id)),
    confirmed_at: null,
    last_step: 0,
    created_at: 1,
  });

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("keys of a first start", () => {
  it("are made in a folder and files that only their owner may read (VLT-01)", () => {
    const DATA_DIR = `${scratch()}/data`;
    const { keys, made } = completeKeys(readConfig({ DATA_DIR }), []);
    expect(made.map((file) => file.slice(DATA_DIR.length))).toEqual([
      "/vault.key",
      "/audit.key",
      "/cookie.key",
      "/signing.key",
    ]);
    expect([DATA_DIR, ...made].map(modeOf)).toEqual([0o700, 0o600, 0o600, 0o600, 0o600]);
    expect(keys.vault.filter(isLocal).map(({ key }) => key.length)).toEqual([32]);
    expect(keys.audit.map((key) => key.length)).toEqual([32]);
    expect(keys.signing[0]).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256" });
  });

  it("are the same at the second start", () => {
    const config = readConfig({ DATA_DIR: scratch() });
    const first = completeKeys(config, []);
    expect(completeKeys(config, ["vault"])).toEqual({ keys: first.keys, made: [] });
  });

  it("are not made where the environment gives them", () => {
    const DATA_DIR = scratch();
    const AUDIT_KEY = "6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=";
    const { keys } = completeKeys(readConfig({ DATA_DIR, AUDIT_KEY }), []);
    expect(keys.audit.map((key) => key.toString("base64"))).toEqual([AUDIT_KEY]);
    expect(existsSync(`${DATA_DIR}/audit.key`)).toBe(false);
  });
});

describe("a vault key that is gone or open", () => {
  it("is not replaced by a new one while credentials exist", () => {
    const DATA_DIR = scratch();
    const config = readConfig({ DATA_DIR });
    completeKeys(config, []);
    rmSync(`${DATA_DIR}/vault.key`);
    expect(() => completeKeys(config, ["vault"])).toThrow(
      /vault\.key in DATA_DIR: .* stored credentials need it: put it back/,
    );
    expect(existsSync(`${DATA_DIR}/vault.key`)).toBe(false);
    expect(completeKeys(config, []).made).toEqual([`${DATA_DIR}/vault.key`]);
  });

  it("is refused when others may read it (VLT-01)", () => {
    const DATA_DIR = scratch();
    const config = readConfig({ DATA_DIR });
    completeKeys(config, []);
    chmodSync(`${DATA_DIR}/vault.key`, 0o644);
    expect(() => completeKeys(config, ["vault"])).toThrow(/vault\.key in DATA_DIR: the file has mode 0644/);
  });

  it("stops the gateway from starting when stored credentials need it", async () => {
    const DATA_DIR = scratch();
    const first = await testApp({ env: { DATA_DIR } });
    const { user, org } = await person(first);
    const where = await connectionRow(first, { org, owner: user.id });
    await first.vault.put({ ...where, version: 1 }, { apiKey: "k" });
    await first.close();
    const other = readFileSync(`${DATA_DIR}/vault.key`, "utf8").replace(/^k1/, "k2");
    writeFileSync(`${DATA_DIR}/vault.key`, other);
    await expect(testApp({ env: { DATA_DIR } })).rejects.toThrow(
      "VAULT_KEYS: stored credentials need the master key k1",
    );
  });

  it("is not made anew where nothing but small secrets needs it (VLT-05)", async () => {
    const DATA_DIR = scratch();
    const first = await testApp({ env: { DATA_DIR } });
    const { user } = await person(first);
    await smallSecret(first, user.id);
    await first.close();
    rmSync(`${DATA_DIR}/vault.key`);
    await expect(testApp({ env: { DATA_DIR } })).rejects.toThrow(/vault\.key in DATA_DIR.*put it back/);
    expect(existsSync(`${DATA_DIR}/vault.key`)).toBe(false);
  });
});

describe("another installation's vault key under the same name", () => {
  const strange = () => `k1:${randomBytes(32).toString("base64")}`;

  it("stops the gateway from starting, with the file and both remedies (VLT-05)", async () => {
    const DATA_DIR = scratch();
    const first = await testApp({ env: { DATA_DIR } });
    const { user, org } = await person(first);
    await first.vault.put({ ...(await connectionRow(first, { org, owner: user.id })), version: 1 }, { apiKey: "k" });
    await first.close();
    const VAULT_KEYS = strange();
    const error = await testApp({ env: { DATA_DIR, VAULT_KEYS } }).catch(String);
    expect(error).toContain("VAULT_KEYS: the key that is called k1 opens nothing of what is stored under this name");
    expect(error).toContain("Put the right key back");
    expect(error).toContain("npm run keys -- forget k1");
    expect(error).not.toContain(VAULT_KEYS.slice(3));
    writeFileSync(`${DATA_DIR}/vault.key`, VAULT_KEYS);
    await expect(testApp({ env: { DATA_DIR } })).rejects.toThrow("VAULT_KEYS: vault.key in DATA_DIR: the key that is");
  });

  it("stops it as well where small secrets alone are stored, such as those of authenticator apps (VLT-05)", async () => {
    const DATA_DIR = scratch();
    const first = await testApp({ env: { DATA_DIR } });
    const { user } = await person(first);
    await smallSecret(first, user.id);
    await first.close();
    await expect(testApp({ env: { DATA_DIR, VAULT_KEYS: strange() } })).rejects.toThrow(
      "opens nothing of what is stored",
    );
  });

  it("is not believed because of one row that somebody changed", async () => {
    const DATA_DIR = scratch();
    const first = await testApp({ env: { DATA_DIR } });
    for (const email of ["ann@example.com", "bob@example.com"]) {
      const { user, org } = await person(first, email);
      await first.vault.put(
        { ...(await connectionRow(first, { org, owner: user.id, id: `con_${email}` })), version: 1 },
        {},
      );
    }
    const [row] = await userKeyPage(first.db, { limit: 1 });
    await replaceUserKey(first.db, { ...row!, wrapped: randomBytes(60) });
    await first.close();
    expect((await testApp({ env: { DATA_DIR } })).vault).toBeDefined();
  });
});

describe("an audit key that is not the one of the trail", () => {
  async function used() {
    const DATA_DIR = scratch();
    const first = await testApp({ env: { DATA_DIR } });
    await person(first);
    await first.close();
    return DATA_DIR;
  }

  it("stops the gateway from starting, with the file and both remedies (VLT-05, AUD-07)", async () => {
    const DATA_DIR = await used();
    const events = async () => {
      const db = await openDatabase({ file: `${DATA_DIR}/vendorsmith.db` });
      const { length } = await db.selectFrom("audit_events").select("seq").execute();
      await db.destroy();
      return length;
    };
    const before = await events();
    const old = readFileSync(`${DATA_DIR}/audit.key`);
    writeFileSync(`${DATA_DIR}/audit.key`, randomBytes(32).toString("base64"));
    const error = await testApp({ env: { DATA_DIR } }).catch(String);
    expect(error).toContain(
      "AUDIT_KEY: audit.key in DATA_DIR: the last events of the audit log were linked with another key",
    );
    expect(error).toContain("Put that key back");
    expect(error).toContain("npm run keys -- forget --audit");
    expect(await events()).toBe(before);
    writeFileSync(`${DATA_DIR}/audit.key`, old);
    expect((await testApp({ env: { DATA_DIR } })).audit).toBeDefined();
  });

  it("is not made anew while events need the old one (AUD-07)", async () => {
    const DATA_DIR = await used();
    rmSync(`${DATA_DIR}/audit.key`);
    await expect(testApp({ env: { DATA_DIR } })).rejects.toThrow(
      /audit\.key in DATA_DIR: .* events of the audit log need it: put it back/,
    );
    expect(existsSync(`${DATA_DIR}/audit.key`)).toBe(false);
  });

  it("may stand in front of it after a rotation, and is told where it is missing for one organisation alone (AUD-07)", async () => {
    const DATA_DIR = await used();
    const next = randomBytes(32).toString("base64");
    const old = readFileSync(`${DATA_DIR}/audit.key`, "utf8").trim();
    writeFileSync(`${DATA_DIR}/audit.key`, `${next}\n${old}`);
    const rotated = await testApp({ env: { DATA_DIR } });
    await person(rotated, "bob@example.com");
    await rotated.close();
    writeFileSync(`${DATA_DIR}/audit.key`, next);
    let lines = "";
    const write = (line: string) => {
      lines += line;
    };
    await testApp({ env: { DATA_DIR, LOG_LEVEL: "error" }, log: { write } });
    expect(lines).toMatch(/AUDIT_KEY: the key \S+ linked the last event of an organisation and is not here/);
  });
});
