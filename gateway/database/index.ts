import { type Dialect, Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { migrations, type Types } from "./migrations/index.ts";
import { POOL, type PoolSettings, postgresDialect } from "./postgres.ts";
import { lookAtServer } from "./postgres-server.ts";
import type { Database } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

export type Db = Kysely<Database>;

/** Where the rows live: a PostgreSQL server, or one file (`:memory:` for a test). */
export type Place = { url: string; pool?: PoolSettings } | { file: string };

/**
 * Opens and migrates. With SQLite there is one connection: inside `db.transaction()` use only the transaction, because
 * a query on `db` would wait for the transaction to end, for ever.
 * @throws DatabaseProblem with a sentence for the operator
 */
export async function openDatabase(place: Place): Promise<Db> {
  if ("file" in place) return await migrated(sqliteDialect(place.file), { bytes: "blob" });
  const { url, pool: settings = POOL } = place;
  await lookAtServer(url, { variable: "DATABASE_URL", migrates: true, settings });
  await migrate(postgresDialect(url, MIGRATING));
  return new Kysely<Database>({ dialect: postgresDialect(url, settings) });
}

/** A migration may rewrite a table, and wait for other starters: nothing ends it but the operator. */
const MIGRATING: PoolSettings = { connections: 2, waitMs: 10_000, statementMs: 0 };

async function migrate(dialect: Dialect) {
  const db = await migrated(dialect, { bytes: "bytea" });
  await db.destroy();
}

/** @throws what the migration that failed threw; nothing of it stays, and the database is closed */
export async function migrated(dialect: Dialect, types: Types): Promise<Db> {
  const db = new Kysely<Database>({ dialect });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(types) } });
  const { error } = await migrator.migrateToLatest();
  if (!error) return db;
  await db.destroy();
  throw new Error("The database could not be opened or migrated.", { cause: error });
}

/** Resolves when the database answers. */
export async function ping(db: Db): Promise<void> {
  await sql`select 1`.execute(db);
}
