import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { readToolsOff } from "../../gateway/database/policies.ts";
import { person, scratch, testApp } from "../gateway/support.ts";

it("explains, shows and switches tools on the command line, as the pages do (TEN-06, PAC-03)", { timeout: 120_000 }, async () => {
  const DATA_DIR = scratch();
  const app = await testApp({ env: { DATA_DIR } });
  const { org, user } = await person(app);
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/policy.ts", ...args], {
      env: { ...process.env, DATA_DIR, LOG_LEVEL: "silent", AUDIT_LOG_FILE: "off" },
      encoding: "utf8",
    });
    return { status, text: stdout + stderr };
  };
  const tool = "datto_resolve_alert";
  const explained = run("explain", "--org", org, "--user", user.email, "--tool", tool);
  expect(explained.status).toBe(0);
  expect(explained.text).toContain("hide (other-vendor, policy version 1)");
  expect(explained.text).toMatch(/ {2}! {3} Has the organisation switched on such tools\?/);
  expect(JSON.parse(run("show", "--org", org).text)).toMatchObject({ version: 1, switches: { write: false } });
  expect(run("tool-off", tool).text).toContain("is off for every organisation");
  expect([...(await readToolsOff(app.db))]).toEqual([tool]);
  expect(run("tool-on", tool).status).toBe(0);
  expect([...(await readToolsOff(app.db))]).toEqual([]);
  for (const wrong of [["tool-off", "nothing"], ["explain", "--org", org], ["show", "--org", "org_none"], ["dance"]])
    expect([wrong, run(...wrong).status]).toEqual([wrong, 2]);
}); // biome-ignore format: one thought
