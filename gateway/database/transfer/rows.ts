import { hash } from "node:crypto";
import { sql } from "kysely";
import type { AnyDb, TableShape } from "./tables.ts";

/** One row in the order of the columns; bytes as base64, so that a line of JSON holds it. Nothing is opened. */
export type Row = readonly (string | number | null)[];

export interface Batch {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** How many rows a table has, and the sum of their hashes, which no order changes. */
export interface Tally {
  readonly rows: number;
  readonly digest: string;
}

const AT_ONCE = 250;

/** The rows of a table by its key, some at a time: memory does not grow with the table. */
export async function* readTable(db: AnyDb, table: TableShape): AsyncGenerator<Batch> {
  const { name, columns, key } = table;
  let after: Record<string, unknown> | undefined;
  for (;;) {
    let query = db
      .selectFrom(name)
      .select([...columns])
      .limit(AT_ONCE);
    for (const column of key) query = query.orderBy(column);
    if (after) {
      const last = after;
      const values = sql.join(key.map((column) => sql.val(last[column])));
      query = query.where(sql<boolean>`(${sql.join(key.map((column) => sql.ref(column)))}) > (${values})`);
    }
    const found = (await query.execute()) as Record<string, unknown>[];
    if (found.length > 0) yield { table: name, columns, rows: found.map((row) => packed(row, table)) };
    if (found.length < AT_ONCE) return;
    after = found.at(-1);
  }
}

function packed(row: Record<string, unknown>, { columns, bytes }: TableShape): Row {
  return columns.map((column) => {
    const value = row[column];
    if (value === null || value === undefined) return null;
    return bytes.has(column) ? Buffer.from(value as Uint8Array).toString("base64") : (value as string | number);
  });
}

export async function insertBatch(db: AnyDb, { columns, rows }: Batch, shape: TableShape): Promise<void> {
  const unpacked = (row: Row) =>
    Object.fromEntries(
      columns.map((column, at) => {
        const value = row[at]!;
        return [column, value !== null && shape.bytes.has(column) ? Buffer.from(String(value), "base64") : value];
      }),
    );
  await db.insertInto(shape.name).values(rows.map(unpacked)).execute();
}

/** Counts what passes. */
export function tally() {
  const tables = new Map<string, { rows: number; sum: bigint }>();
  return {
    add({ table, columns, rows }: Batch) {
      const entry = tables.get(table) ?? { rows: 0, sum: 0n };
      for (const row of rows) entry.sum = BigInt.asUintN(256, entry.sum + hashOf(columns, row));
      entry.rows += rows.length;
      tables.set(table, entry);
    },
    result: (): Record<string, Tally> =>
      Object.fromEntries([...tables].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { rows, sum }]) => [name, { rows, digest: sum.toString(16).padStart(64, "0") }])), // biome-ignore format: one thought
  };
}

/** Columns that say nothing are left out: what a later release adds to a table changes no hash. */
function hashOf(columns: readonly string[], row: Row): bigint {
  const said = columns.flatMap((column, at) => (row[at] === null ? [] : [[column, row[at]]]));
  return BigInt(`0x${hash("sha256", JSON.stringify(said), "hex")}`);
}
