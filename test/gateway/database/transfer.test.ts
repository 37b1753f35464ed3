import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { openDatabase, type Place } from "../../../gateway/database/index.ts";
import { openAsItIs } from "../../../gateway/database/open-as-it-is.ts";
import { holdAlone, holdServing } from "../../../gateway/database/serving.ts";
import { load } from "../../../gateway/database/transfer/load.ts";
import { readTable, tally } from "../../../gateway/database/transfer/rows.ts";
import { withSnapshot } from "../../../gateway/database/transfer/snapshot.ts";
import { type AnyDb, SHORT_LIVED, tablesOf } from "../../../gateway/database/transfer/tables.ts";
import { readBackup, writeBackup } from "../../../scripts/storage/file.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { scratch } from "../support.ts";
import { oneRowEverywhere } from "./one-row-everywhere.ts";

const server = await startPostgres();
const ORGS = ["org_one", "org_two"];
const KEYS = [Buffer.alloc(32, 1)];
const unchecked = { check: async () => {} };

async function filled(place: Place): Promise<Place> {
  const db = await openDatabase(place);
  await oneRowEverywhere(db, ORGS);
  await db.updateTable("installation").set({ tools_off: "acme_wipe_thing" }).execute();
  await db.destroy();
  return place;
}

const places: Record<string, () => Promise<Place>> = { SQLite: async () => ({ file: `${scratch()}/of-a-test.db` }) };
if (!("missing" in server)) {
  afterAll(() => server.stop());
  places["PostgreSQL"] = async () => ({ url: await server.newOwnDatabase() });
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
else console.log(`Copies are not tested on PostgreSQL: ${server.missing}.`);

/** Every value of every table, as one text. */
async function everything(place: Place) {
  const db = await openAsItIs(place, { readOnly: true });
  const seen: Record<string, unknown> = {};
  for (const table of await tablesOf(db)) {
    seen[table.name] = [];
    for await (const { columns, rows } of readTable(db, table)) (seen[table.name] as unknown[]).push(columns, rows);
  }
  await db.destroy();
  return seen;
}

describe.each(Object.keys(places))("from %s", (from) => {
  it.each(Object.keys(places))(
    "to %s every value of every table arrives, secrets as the bytes they were (OPS-04)",
    async (to) => {
      const source = await filled(await places[from]!());
      const target = await places[to]!();
      const file = `${scratch()}/of-a-test.backup`;
      await withSnapshot(source, (dump) => writeBackup(file, dump, KEYS, () => {}));
      await load(target, await readBackup(file, KEYS), unchecked);
      expect(await everything(target)).toEqual(await everything(source));
      expect(Object.keys(await everything(target)).length).toBeGreaterThan(45);
      expect(statSync(file).mode & 0o077).toBe(0);
      const next = await openDatabase(target);
      expect(await next.selectFrom("installation").selectAll().execute()).toEqual([expect.objectContaining({ id: 1, tools_off: "acme_wipe_thing" })]); // biome-ignore format: one thought
      await next.destroy();
    },
  );

  it("refuses a target that is not empty, and leaves it as it was (OPS-04)", async () => {
    const source = await filled(await places[from]!());
    const other = await filled(await places[from]!());
    const before = await everything(other);
    await expect(withSnapshot(source, (dump) => load(other, dump, unchecked))).rejects.toThrow(/The target is not empty: the table \w+ has rows/); // biome-ignore format: one thought
    expect(await everything(other)).toEqual(before);
  });

  it("keeps nothing when something goes wrong on the way, so that it can be begun again (OPS-04)", async () => {
    const source = await filled(await places[from]!());
    const target = await places[from]!();
    const failing = { check: () => Promise.reject(new Error("a chain does not hold")) };
    await expect(withSnapshot(source, (dump) => load(target, dump, failing))).rejects.toThrow("a chain does not hold");
    if ("file" in target) expect(readdirSync(dirname(target.file)), "nothing is left").toEqual([]);
    await withSnapshot(source, (dump) => load(target, dump, unchecked));
    expect(await everything(target)).toEqual(await everything(source));
  });

  it("sees the rows of one moment, and stops nobody from writing meanwhile (OPS-04)", async () => {
    const source = await filled(await places[from]!());
    const db = await openDatabase(source);
    const rows = await withSnapshot(source, async ({ batches }) => {
      const counted = tally();
      let first = true;
      for await (const batch of batches) {
        if (first) await db.insertInto("tool_versions").values({ hash: "later", tool: "t", snapshot: "{}" }).execute();
        first = false;
        counted.add(batch);
      }
      return counted.result()["tool_versions"]!.rows;
    });
    await db.destroy();
    expect(rows).toBe(1);
  });

  it("is not taken while it is served, and not served while it is taken (OPS-04)", async () => {
    const place = await filled(await places[from]!());
    const [one, two] = [await holdServing(place), await holdServing(place)];
    await one.release();
    await expect(holdAlone(place, "database")).rejects.toThrow("The database is being served");
    await two.release();
    const alone = await holdAlone(place, "database");
    await expect(holdServing(place)).rejects.toThrow("is being moved or restored");
    await alone.release();
    await (await holdServing(place)).release();
  });

  it("reads a long table in order and whole, with memory that does not grow with it (OPS-04)", async () => {
    const place = await places[from]!();
    const db = await openDatabase(place);
    const series = "rows" as const;
    await sql`with recursive ${sql.ref(series)}(n) as (select 1 union all select n + 1 from ${sql.ref(series)} where n < 20000)
      insert into rate_counters (key, window_start, count, expires_at) select 'k' || n, n, 1, n from ${sql.ref(series)}`.execute(
      db,
    );
    await db.destroy();
    let most = 0;
    let count = 0;
    const keys = new Set<unknown>();
    await withSnapshot(place, async ({ batches }) => {
      for await (const { table, columns, rows } of batches) {
        if (table !== "rate_counters") continue;
        most = Math.max(most, rows.length);
        count += rows.length;
        for (const row of rows) keys.add(row[columns.indexOf("key")]);
      }
    });
    expect([count, keys.size]).toEqual([20_000, 20_000]);
    expect(most).toBeLessThanOrEqual(250);
  });
});

describe("a backup", () => {
  const made = async () => {
    const file = `${scratch()}/of-a-test.backup`;
    await withSnapshot(await filled(await places["SQLite"]!()), (dump) => writeBackup(file, dump, KEYS, () => {}));
    return file;
  };
  const refusal = async (file: string) => {
    const folder = scratch();
    const target = { file: `${folder}/of-a-test.db` };
    const outcome = await readBackup(file, KEYS)
      .then((dump) => load(target, dump, unchecked))
      .then(
        () => "loaded",
        (error: Error) => error.message,
      );
    expect(readdirSync(folder), "nothing is left of a copy that was refused").toEqual([]);
    return outcome;
  };

  it("that was cut, changed or is something else is refused (OPS-04)", async () => {
    const file = await made();
    const whole = readFileSync(file);
    const text = gunzipSync(whole).toString();
    const variants = {
      cut: whole.subarray(0, whole.length - 40),
      "without its end": gzipSync(text.split("\n").slice(0, -2).join("\n")),
      changed: gzipSync(text.replace("acme_wipe_thing", "")),
      "short of a row": gzipSync(
        text
          .split("\n")
          .filter((line) => !line.includes('"table":"orgs"'))
          .join("\n"),
      ),
    };
    for (const [name, bytes] of Object.entries(variants)) {
      const other = `${scratch()}/${name}`;
      writeFileSync(other, bytes);
      expect([name, await refusal(other)]).toEqual([
        name,
        expect.stringMatching(/is damaged or was cut|refer|FOREIGN/),
      ]);
    }
    const other = `${scratch()}/other`;
    writeFileSync(other, gzipSync("{}\n"));
    expect(await refusal(other)).toMatch(/is no backup of this gateway/);
    expect(await refusal(`${scratch()}/nothing`)).toMatch(/There is no file/);
  });

  it("that somebody without the audit key changed is refused, sums and all (OPS-04)", async () => {
    const file = await made();
    const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split("\n");
    const sums = tally();
    const changed = lines.map((line) =>
      line.replaceAll("ann@example.com", "eve@example.com").replace("acme_wipe_thing", ""),
    );
    expect(changed).not.toEqual(lines);
    for (const line of changed.slice(1, -1)) sums.add(JSON.parse(line));
    const { code } = JSON.parse(lines.at(-1)!);
    const forged = `${scratch()}/forged`;
    for (const end of [{ end: sums.result(), code }, { end: sums.result() }]) {
      writeFileSync(forged, gzipSync([...changed.slice(0, -1), JSON.stringify(end)].join("\n")));
      expect(await refusal(forged)).toMatch(/was changed by somebody else, or made with another audit key/);
    }
    const read = async (keys: readonly Buffer[]) => {
      const counted = tally();
      for await (const batch of (await readBackup(file, keys)).batches) counted.add(batch);
      return Object.keys(counted.result());
    };
    await expect(read([Buffer.alloc(32, 2)])).rejects.toThrow("another audit key");
    // After a rotation of the audit key, the old one stands behind the new one.
    expect((await read([Buffer.alloc(32, 2), ...KEYS])).length).toBeGreaterThan(45);
  });

  it("carries what people write whatever marks of line ends are in it (OPS-04)", async () => {
    const source = await filled(await places["SQLite"]!());
    const db = await openDatabase(source);
    const name = "Ann\u2028Bell\u2029 \r\n\u0085\u000b\ud83d";
    await db.updateTable("users").set({ name }).execute();
    await db.destroy();
    const file = `${scratch()}/of-a-test.backup`;
    await withSnapshot(source, (dump) => writeBackup(file, dump, KEYS, () => {}));
    const target = await places["SQLite"]!();
    await load(target, await readBackup(file, KEYS), unchecked);
    expect(await everything(target)).toEqual(await everything(source));
  });

  it("that swells to more than any row is refused before it fills the memory (OPS-04)", async () => {
    const head = JSON.stringify({ format: "vendorsmith-backup", version: 1, made: "", migrations: ["0001-start"] });
    const file = `${scratch()}/bomb`;
    const swollen = `{"table":"users","columns":[],"rows":[],"more":"${"x".repeat(80 * 2 ** 20)}"}`;
    writeFileSync(file, gzipSync(`${head}\n${swollen}\n`, { level: 1 }));
    const { batches } = await readBackup(file, KEYS);
    await expect(batches[Symbol.asyncIterator]().next()).rejects.toThrow("is damaged or was cut");
  });

  it("splits rows that are long together over several lines, and reads them back (OPS-04)", async () => {
    const rows = Array.from({ length: 250 }, (_, at) => [`${at}`, "x".repeat(200_000)] as const);
    async function* batches() {
      yield { table: "tool_versions", columns: ["hash", "snapshot"], rows };
    }
    const file = `${scratch()}/of-a-test.backup`;
    await writeBackup(file, { migrations: ["0001-start"], batches: batches() }, KEYS, () => {});
    const sizes: number[] = [];
    for await (const batch of (await readBackup(file, KEYS)).batches) sizes.push(batch.rows.length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(250);
    expect(sizes.length).toBeGreaterThan(2);
  });

  it("of a newer release is refused, and one of an older release is brought up to date (OPS-09)", async () => {
    const file = await made();
    const newer = gunzipSync(readFileSync(file)).toString().replace('"0001-start"', '"0001-start","0001-zzz"');
    const other = `${scratch()}/newer`;
    writeFileSync(other, gzipSync(newer));
    expect(await refusal(other)).toMatch(/made by another release: it knows the migration 0001-zzz/);

    const old: Place = { file: `${scratch()}/old.db` };
    const db = await openAsItIs(old, { upTo: "0012-usage" });
    await db.insertInto("users").values({ id: "usr_1", email: "ann@example.com", name: "Ann", password: "x", created_at: 1 }).execute(); // biome-ignore format: one thought
    await db.destroy();
    const target: Place = { file: `${scratch()}/new.db` };
    await withSnapshot(old, (dump) => load(target, dump, unchecked));
    const now = await openDatabase(target);
    expect(await now.selectFrom("users").select("email").execute()).toEqual([{ email: "ann@example.com" }]);
    await now.destroy();
  });

  it("fills a new file beside its name, over what a run that was killed left there (OPS-04)", async () => {
    const file = await made();
    const folder = scratch();
    const target = { file: `${folder}/of-a-test.db` };
    for (const end of [".part", ".part-wal", ".part-shm"]) writeFileSync(`${target.file}${end}`, "half");
    const check = async () => expect(existsSync(target.file)).toBe(false);
    await load(target, await readBackup(file, KEYS), { check });
    expect(readdirSync(folder)).toEqual(["of-a-test.db"]);
    expect(statSync(target.file).mode & 0o777).toBe(0o600);
    expect(Object.keys(await everything(target)).length).toBeGreaterThan(45);
  });

  it("is not written over a file that is there", async () => {
    const file = await made();
    await expect(withSnapshot(await places["SQLite"]!().then(filled), (dump) => writeBackup(file, dump, KEYS, () => {}))).rejects.toThrow("exists already"); // biome-ignore format: one thought
    expect(existsSync(`${file}.part`)).toBe(false);
  });
});

if (!("missing" in server))
  it("leaves out what the server itself forgets in a crash, and nothing else (OPS-04)", async () => {
    const db: AnyDb = await openDatabase({ url: await server.newDatabase() });
    const unlogged = await sql<{ relname: string }>`select relname from pg_class where relpersistence = 'u' and relkind = 'r'`.execute(db); // biome-ignore format: one thought
    expect(unlogged.rows.map(({ relname }) => relname).sort()).toEqual([...SHORT_LIVED].sort());
    await db.destroy();
  });
