import { sql } from "kysely";
import type { Place } from "../index.ts";
import { openAsItIs } from "../open-as-it-is.ts";
import { type Batch, readTable } from "./rows.ts";
import { type AnyDb, isSqlite, tablesOf } from "./tables.ts";

/** All rows of an installation as they were at one moment. */
export interface Dump {
  /** Those that made the tables, in order. */
  readonly migrations: readonly string[];
  readonly batches: AsyncIterable<Batch>;
}

/** Reads in one transaction, which stops nobody from writing. What is written meanwhile is not in it. */
export async function withSnapshot<Result>(place: Place, work: (dump: Dump) => Promise<Result>): Promise<Result> {
  const db = await openAsItIs(place, { readOnly: true });
  try {
    return await db
      .transaction()
      .setIsolationLevel("repeatable read")
      .setAccessMode("read only")
      .execute(async (trx) => {
        // A slow disk at the other end is no reason to end this.
        if (!isSqlite(trx)) await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
        return await work({ migrations: await migrationsOf(trx), batches: allRows(trx) });
      });
  } finally {
    await db.destroy();
  }
}

async function* allRows(trx: AnyDb): AsyncGenerator<Batch> {
  for (const table of await tablesOf(trx)) yield* readTable(trx, table);
}

async function migrationsOf(db: AnyDb): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}
