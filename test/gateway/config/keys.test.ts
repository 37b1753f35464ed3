import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isLocal } from "../../../gateway/config/master-keys.ts";
import { readConfig } from "../../../gateway/config.ts";
import { completeKeys } from "../../../gateway/keys.ts";
import { connectionRow, person, scratch, testApp } from "../support.ts";

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("keys of a first start", () => {
  it("are made in a folder and files that only their owner may read (VLT-01)", () => {
    const DATA_DIR = `${scratch()}/data`;
    const { keys, made } = completeKeys(readConfig({ DATA_DIR }), false);
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
    const first = completeKeys(config, false);
    expect(completeKeys(config, true)).toEqual({ keys: first.keys, made: [] });
  });

  it("are not made where the environment gives them", () => {
    const DATA_DIR = scratch();
    const AUDIT_KEY = "6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=";
    const { keys } = completeKeys(readConfig({ DATA_DIR, AUDIT_KEY }), false);
    expect(keys.audit.map((key) => key.toString("base64"))).toEqual([AUDIT_KEY]);
    expect(existsSync(`${DATA_DIR}/audit.key`)).toBe(false);
  });
});

describe("a vault key that is gone or open", () => {
  it("is not replaced by a new one while credentials exist", () => {
    const DATA_DIR = scratch();
    const config = readConfig({ DATA_DIR });
    completeKeys(config, false);
    rmSync(`${DATA_DIR}/vault.key`);
    expect(() => completeKeys(config, true)).toThrow(
      /vault\.key in DATA_DIR: .* stored credentials need it: put it back/,
    );
    expect(existsSync(`${DATA_DIR}/vault.key`)).toBe(false);
    expect(completeKeys(config, false).made).toEqual([`${DATA_DIR}/vault.key`]);
  });

  it("is refused when others may read it (VLT-01)", () => {
    const DATA_DIR = scratch();
    const config = readConfig({ DATA_DIR });
    completeKeys(config, false);
    chmodSync(`${DATA_DIR}/vault.key`, 0o644);
    expect(() => completeKeys(config, true)).toThrow(/vault\.key in DATA_DIR: the file has mode 0644/);
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

  it("is told in the log at start when another installation's stands under its name (VLT-05)", async () => {
    const DATA_DIR = scratch();
    const first = await testApp({ env: { DATA_DIR } });
    const { user, org } = await person(first);
    await first.vault.put({ ...(await connectionRow(first, { org, owner: user.id })), version: 1 }, { apiKey: "k" });
    await first.close();
    writeFileSync(`${DATA_DIR}/vault.key`, `k1:${randomBytes(32).toString("base64")}`);
    let lines = "";
    const write = (line: string) => {
      lines += line;
    };
    await testApp({ env: { DATA_DIR, LOG_LEVEL: "error" }, log: { write } });
    expect(lines).toContain("VAULT_KEYS: the key that is called k1 does not open what is stored under this name");
  });
});

it("tells in the log at start when the audit key is another than the trail was linked with (VLT-05, AUD-07)", async () => {
  const DATA_DIR = scratch();
  const first = await testApp({ env: { DATA_DIR } });
  await person(first);
  await first.close();
  let lines = "";
  const log = {
    write(line: string) {
      lines += line;
    },
  };
  const again = await testApp({ env: { DATA_DIR, LOG_LEVEL: "error" }, log });
  await again.close();
  expect(lines).toBe("");
  writeFileSync(`${DATA_DIR}/audit.key`, randomBytes(32).toString("base64"));
  await testApp({ env: { DATA_DIR, LOG_LEVEL: "error" }, log });
  expect(lines).toContain("AUDIT_KEY: the last events were linked with another key");
});
