import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../../gateway/config.ts";
import { scratch } from "../gateway/support.ts";

const make = (...args: string[]) => spawnSync(process.execPath, ["scripts/secrets.ts", ...args], { encoding: "utf8" });

describe("npm run secrets", () => {
  it("makes each file that the compose file hands over, for one reader (OPS-08)", () => {
    const folder = scratch();
    const { status, stdout } = make(folder);
    expect(status).toBe(0);
    const wanted = Object.values(
      parse(readFileSync("deploy/compose.yaml", "utf8")).secrets as Record<string, { file: string }>,
    );
    expect(readdirSync(folder).toSorted()).toEqual(wanted.map(({ file }) => basename(file)).toSorted());
    for (const name of readdirSync(folder)) expect(statSync(`${folder}/${name}`).mode & 0o077, name).toBe(0);
    for (const name of readdirSync(folder))
      expect(stdout).not.toContain(readFileSync(`${folder}/${name}`, "utf8").trim());
  });

  it.runIf(process.getuid?.() === 0)("gives a folder that it makes as root to whom its files belong to", () => {
    const made = `${scratch()}/secrets`;
    make(made);
    expect(statSync(made)).toMatchObject({ uid: 10001, mode: statSync(`${made}/..`).mode });
    const shared = scratch();
    make(shared);
    expect(statSync(shared).uid).toBe(0);
    expect(statSync(`${shared}/vault.key`).uid).toBe(10001);
  });

  it("makes what production takes", () => {
    const folder = scratch();
    make(folder);
    const text = (name: string) => readFileSync(`${folder}/${name}`, "utf8").trim();
    const config = readConfig({
      NODE_ENV: "production",
      PUBLIC_URL: "https://mcp.example.com",
      VAULT_KEYS: text("vault.key"),
      AUDIT_KEY: text("audit.key"),
      COOKIE_KEYS: text("cookie.key"),
      SIGNING_KEYS: text("signing.key"),
      DATABASE_URL: text("database-url"),
    });
    expect(config.production).toBe(true);
    expect(text("database-url"), "a network of its own, said out loud").toMatch(/\?sslmode=disable$/);
    expect(text("database-url")).toContain(`:${text("gateway-password")}@database:`);
    expect(text("redis-url")).toContain(/requirepass (\S+)/.exec(text("redis.conf"))![1]);
  });

  it("leaves what is there, and refuses half a set", () => {
    const folder = scratch();
    make(folder);
    const before = readFileSync(`${folder}/vault.key`, "utf8");
    expect(make(folder).stdout).toContain("nothing was changed");
    expect(readFileSync(`${folder}/vault.key`, "utf8")).toBe(before);
    rmSync(`${folder}/redis-url`);
    expect(make(folder)).toMatchObject({ status: 1, stderr: expect.stringContaining("belong together") });
    expect(make()).toMatchObject({ status: 2, stderr: expect.stringContaining("npm run secrets -- deploy/secrets") });
  });
});
