import { type Db, openDatabase, type Place } from "../index.ts";
import { migrationNames } from "../migrations/index.ts";
import { openAsItIs } from "../open-as-it-is.ts";
import { DatabaseProblem } from "../postgres-server.ts";
import { inNewFile } from "./new-file.ts";
import { insertBatch, readTable, type Tally, tally } from "./rows.ts";
import type { Dump } from "./snapshot.ts";
import { type AnyDb, type TableShape, tablesOf } from "./tables.ts";

export interface Loading {
  /** Called now and then. */
  onProgress?(table: string, rows: number): void;
  /** What has to hold of the rows before they stay; throws when it does not. */
  check(db: Db): Promise<void>;
}

/**
 * Puts all rows into an empty database, in one transaction: they are all there, read again and found equal, or none is.
 * @returns what is there now, by table
 * @throws DatabaseProblem when the target is not empty, or the rows are of a newer release
 */
export async function load(place: Place, dump: Dump, loading: Loading): Promise<Record<string, Tally>> {
  const upTo = knownMigration(dump.migrations);
  return await inNewFile(place, (filled) => loadInto(filled, { dump, upTo, loading }));
}

async function loadInto(place: Place, { dump, upTo, loading }: { dump: Dump; upTo: string; loading: Loading }) {
  const db = await openAsItIs(place, { upTo });
  let loaded: Record<string, Tally>;
  try {
    loaded = await db.transaction().execute((trx) => fill(trx, dump, loading));
  } finally {
    await db.destroy();
  }
  const current = await openDatabase(place); // the migrations that came since
  await current.destroy();
  return loaded;
}

function knownMigration(names: readonly string[]): string {
  const known = migrationNames();
  const strange = names.find((name, at) => known[at] !== name);
  if (strange || names.length === 0)
    throw new DatabaseProblem(
      `The rows were made by another release: it knows the migration ${strange ?? "of no name"}, and this one does not. Use that release, or a newer one.`,
    );
  return names.at(-1)!;
}

async function fill(trx: AnyDb, dump: Dump, { onProgress, check }: Loading) {
  const tables = await tablesOf(trx);
  const shapes = new Map(tables.map((table) => [table.name, table]));
  await refuseRows(trx, tables);
  await trx.deleteFrom("installation").execute(); // the one row that every new database has
  const came = tally();
  let rows = 0;
  for await (const batch of dump.batches) {
    const shape = shapes.get(batch.table);
    if (!shape) throw new DatabaseProblem(`There is no table ${batch.table} here. Nothing was kept.`);
    await insertBatch(trx, batch, shape);
    came.add(batch);
    rows += batch.rows.length;
    onProgress?.(batch.table, rows);
  }
  await compare(trx, tables, came.result());
  await check(trx);
  return came.result();
}

async function refuseRows(trx: AnyDb, tables: readonly TableShape[]) {
  for (const { name } of tables) {
    if (name === "installation") continue;
    const row = await trx
      .selectFrom(name)
      .select((one) => one.lit(1).as("one"))
      .limit(1)
      .executeTakeFirst();
    if (row)
      throw new DatabaseProblem(`The target is not empty: the table ${name} has rows. Name a new, empty database or a file that is not there yet.`); // biome-ignore format: one thought
  }
}

async function compare(trx: AnyDb, tables: readonly TableShape[], came: Record<string, Tally>) {
  const here = tally();
  for (const table of tables) for await (const batch of readTable(trx, table)) here.add(batch);
  const found = here.result();
  const names = new Set([...Object.keys(came), ...Object.keys(found)]);
  for (const name of names) {
    const [sent, arrived] = [came[name], found[name]];
    if (sent?.rows !== arrived?.rows || sent?.digest !== arrived?.digest)
      throw new Error(`The table ${name} arrived otherwise than it left: ${sent?.rows ?? 0} rows left, ${arrived?.rows ?? 0} arrived. Nothing was kept.`); // biome-ignore format: one thought
  }
}
