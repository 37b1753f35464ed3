import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { openDatabase, type Place } from "../../../gateway/database/index.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { scratch } from "../support.ts";

const STARTER = `
  import { openDatabase } from "${new URL("../../../gateway/database/index.ts", import.meta.url)}";
  const db = await openDatabase(JSON.parse(process.env.PLACE));
  await db.insertInto("setup_tokens").values({ id_hash: process.env.NAME, created_at: 1, used_at: null }).execute();
  await db.destroy();
`;

/** Another process that opens the database, writes a row and ends. */
const starter = (place: Place, name: string) =>
  new Promise<string>((ended) => {
    const env = { ...process.env, PLACE: JSON.stringify(place), NAME: name, NODE_OPTIONS: "" };
    const child = spawn(process.execPath, ["--input-type=module", "--eval", STARTER], { env });
    let trouble = "";
    child.stderr.on("data", (text) => {
      trouble += text;
    });
    child.once("close", (code) => ended(code === 0 ? "started" : trouble));
  });

async function startTogether(place: Place) {
  const names = ["a", "b", "c", "d"];
  const outcomes = await Promise.all(names.map((name) => starter(place, name)));
  expect(outcomes).toEqual(names.map(() => "started"));
  const db = await openDatabase(place);
  const rows = await db.selectFrom("setup_tokens").select("id_hash").orderBy("id_hash").execute();
  await db.destroy();
  expect(rows.map((row) => row.id_hash)).toEqual(names);
}

it("four processes migrate a new SQLite file without stepping on each other (OPS-09)", async () => {
  await startTogether({ file: `${scratch()}/new.db` });
});

const server = await startPostgres();
if (!("missing" in server)) {
  it("four processes migrate a new PostgreSQL database without stepping on each other (OPS-09)", async () => {
    await startTogether({ url: await server.newDatabase() }).finally(server.stop);
  });
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));

it("a SQLite file keeps what was acknowledged, for its owner only (OPS-04, VLT-01)", async () => {
  const file = `${scratch()}/new.db`;
  const db = await openDatabase({ file });
  const other = new DatabaseSync(file);
  expect(other.prepare("pragma journal_mode").get()).toEqual({ journal_mode: "wal" });
  other.close();
  for (const path of [file, `${file}-wal`]) expect(statSync(path).mode & 0o077).toBe(0);
  await db.destroy();
});

it("a failed migration leaves nothing behind (OPS-09)", async () => {
  const file = `${scratch()}/new.db`;
  const broken = new DatabaseSync(file);
  broken.exec("create table audit_heads (a)");
  broken.close();
  await expect(openDatabase({ file })).rejects.toThrow("could not be opened or migrated");
  const after = new DatabaseSync(file);
  const tables = after.prepare("select name from sqlite_master where type = 'table' and name not like 'kysely%'").all();
  expect(tables).toEqual([{ name: "audit_heads" }]);
  after.close();
});
