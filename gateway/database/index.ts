import { type Dialect, Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { migrations, type Types } from "./migrations/index.ts";
import { postgresDialect } from "./postgres.ts";
import type { Database } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

export type Db = Kysely<Database>;

/** Where the rows live: a PostgreSQL server, or one file (`:memory:` for a test). */
export type Place = { url: string } | { file: string };

/**
 * Opens and migrates. With SQLite there is one connection: inside `db.transaction()` use only the transaction, because
 * a query on `db` would wait for the transaction to end, for ever.
 */
export async function openDatabase(place: Place): Promise<Db> {
  const [dialect, bytes] =
    "url" in place ? ([postgresDialect(place.url), "bytea"] as const) : ([sqliteDialect(place.file), "blob"] as const);
  return await migrated(dialect, { bytes });
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
