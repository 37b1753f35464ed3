import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import pg from "pg";
import { expect, it } from "vitest";
import { inSystemScope } from "../../gateway/database/scope.ts";
import { connectionRow, person, scratch, testApp } from "../gateway/support.ts";
import { startPostgres } from "../setup/postgres.ts";

const server = await startPostgres();
if (!("missing" in server)) {
  it("keys rotate and verify as a role that is held by the policies of PostgreSQL (TEN-01, VLT-06)", async () => {
    const url = await server.newDatabase();
    const admin = new pg.Client(url);
    await admin.connect();
    const role = `plain_${randomBytes(4).toString("hex")}`;
    await admin.query(`create role ${role} login; grant all on schema public to ${role}`);
    await admin.end();
    const DATABASE_URL = Object.assign(new URL(url), { username: role }).href;
    const env = { DATA_DIR: scratch(), DATABASE_URL };
    const app = await testApp({ env });
    const where = await inSystemScope(async () => {
      const { user, org } = await person(app);
      const stored = await connectionRow(app, { org, owner: user.id });
      await app.vault.put({ ...stored, version: 1 }, { a: 1 });
      return stored;
    });
    expect(await app.vault.health()).toMatchObject({ ok: true });
    await app.close();

    const keys = (...args: string[]) => {
      const options = { env: { PATH: process.env["PATH"], ...env }, encoding: "utf8" as const };
      const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/keys.ts", ...args], options);
      return `${status} ${stdout}${stderr}`;
    };
    for (const step of ["add", "use"]) expect(keys("rotate", "master", "--step", step)).toMatch(/^0 /);
    expect(keys("rotate", "master")).toContain("0 k2: 1 rows");
    expect(keys("rotate", "users", "--all")).toContain("0 all: 1 rows");
    expect(keys("rotate", "master", "--step", "drop")).toMatch(/^0 /);
    expect(keys("verify")).toContain("0 Looked at 1 user keys, 1 credentials");
    expect(keys("status")).toContain("New rows are wrapped with k2.");

    const after = await testApp({ env });
    const opened = inSystemScope(() => after.vault.open(where, { actor: where.owner, kind: "call" }));
    expect(await opened).toEqual({ a: 1 });
    await after.close();
    await server.stop();
  }, 120_000);
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
