import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { expect, it } from "vitest";
import { letChange } from "../gateway/policies.ts";
import { connectionRow, person, scratch, testApp } from "../gateway/support.ts";

it("is a folder with access, changes, retention, keys, the proof of the trail and a record of processing (CMP-04)", async () => {
  const DATA_DIR = scratch();
  const out = `${scratch()}/evidence`;
  const app = await testApp({ env: { DATA_DIR } });
  const { user, org } = await person(app);
  const where = await connectionRow(app, { org, owner: user.id });
  await app.vault.put({ ...where, version: 1 }, { apiKey: "canary-5f1d" });
  await letChange(app, { org, on: true, actor: user.id });
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["scripts/audit.ts", "evidence", ...args], {
      env: { PATH: process.env["PATH"], DATA_DIR },
      encoding: "utf8",
    });
  const { status, stdout, stderr } = run("--org", org, "--out", out);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/7 files; the trail is intact/);

  const read = (name: string) => readFileSync(`${out}/${name}`, "utf8");
  const json = (name: string) => JSON.parse(read(name));
  expect(json("access.json")).toMatchObject({
    members: [{ id: user.id, role: "owner", email: user.email }],
    connections: [{ id: where.connection, status: "active" }],
    grants: [],
  });
  const changes = read("changes.jsonl").trim().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: one thought
  expect(changes.map(({ event_type }) => event_type)).toContainEqual(expect.stringMatching(/^policy\./));
  expect(json("retention.json")).toMatchObject({ kept_days: 0, removed_by_retention: 0 });
  expect(json("keys.json")).toMatchObject({
    credentials: [{ kid: "k1", keys: 1, oldest: expect.stringMatching(/^\d{4}-/) }],
    vault: ["k1"],
    audit: [expect.stringMatching(/^[\w-]{12}$/)],
  });
  expect(json("verify.json")).toMatchObject({ ok: true });
  expect(read("records-of-processing.md")).toContain("| Retention of the audit trail | for ever |");

  const { sha256 } = json("manifest.json");
  for (const name of readdirSync(out)) {
    expect(statSync(`${out}/${name}`).mode & 0o077).toBe(0);
    const digest = createHash("sha256").update(readFileSync(`${out}/${name}`)).digest("hex"); // biome-ignore format: one thought
    if (name !== "manifest.json") expect([name, sha256[name]]).toEqual([name, digest]);
    for (const key of ["vault.key", "audit.key", "cookie.key"])
      expect(read(name)).not.toContain(readFileSync(`${DATA_DIR}/${key}`, "utf8").trim().replace(/^k1:/, ""));
    expect(read(name)).not.toContain("canary-5f1d");
  }
  expect(run("--org", org).status).toBe(2);
  expect(run("--org", "org_none", "--out", out).status).toBe(2);
  const typo = spawnSync(process.execPath, ["scripts/audit.ts", "verify", "--org", "org_none"], {
    env: { PATH: process.env["PATH"], DATA_DIR },
    encoding: "utf8",
  });
  expect([typo.status, typo.stdout, typo.stderr]).toEqual([2, "", "No organisation org_none has events here.\n"]);
});
