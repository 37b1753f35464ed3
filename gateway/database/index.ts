import { type Dialect, Kysely, sql } from "kysely";
import { migrate, POSTGRES, SQLITE } from "./migrate.ts";
import { migrationNames, type Types } from "./migrations/index.ts";
import { type Outside, POOL, type PoolSettings, type PoolState, postgresDialect } from "./postgres.ts";
import { bypassWords, grantUse, lookAtServer, type Server } from "./postgres-server.ts";
import type { Database } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

export type Db = Kysely<Database>;

/** Where the rows live: a PostgreSQL server, or one file (`:memory:` for a test). */
export type Place = PostgresPlace | { file: string };

export interface PostgresPlace {
  url: string;
  /** The same database for the role that owns the tables, where the one of `url` may not change them. */
  migrationUrl?: string | undefined;
  /** Which variable holds `url`, for sentences about it; DATABASE_URL unless named. */
  variable?: string;
  pool?: PoolSettings;
}

interface Opening {
  /** Whose rows a query reaches that runs in no scope: a tool of the operator those of all, the gateway none. */
  readonly outside?: Outside;
  /** Told what works and should not stay so. */
  warn?(sentence: string): void;
  /** Gets the pool of a server, to look at. */
  onPool?(pool: PoolState): void;
}

/**
 * Opens and migrates. With SQLite there is one connection: inside `db.transaction()` use only the transaction, because
 * a query on `db` would wait for the transaction to end, for ever.
 * @throws DatabaseProblem with a sentence for the operator
 */
export async function openDatabase(place: Place, opening: Opening = {}): Promise<Db> {
  if ("file" in place) return await migrated(sqliteDialect(place.file), SQLITE);
  const { url, pool = POOL } = place;
  const { role, bypassesRowSecurity } = await migrateServer(place, pool);
  if (bypassesRowSecurity) opening.warn?.(bypassWords(role));
  const scoped = bypassesRowSecurity ? undefined : (opening.outside ?? "every organisation");
  return new Kysely<Database>({ dialect: postgresDialect(url, pool, scoped, opening.onPool) });
}

/** A migration may rewrite a table, and wait for other starters: nothing ends it but the operator. */
const MIGRATING: PoolSettings = { connections: 2, waitMs: 10_000, statementMs: 0 };

/** @returns the role that serves */
async function migrateServer({ url, migrationUrl }: PostgresPlace, settings: PoolSettings): Promise<Server> {
  const serving = await lookAtServer(url, { variable: "DATABASE_URL", migrates: !migrationUrl, settings });
  if (migrationUrl) await lookAtServer(migrationUrl, { variable: "MIGRATION_DATABASE_URL", migrates: true, settings });
  const db = await migrated(postgresDialect(migrationUrl ?? url, MIGRATING, "every organisation"), POSTGRES);
  try {
    if (migrationUrl) await grantUse(db, serving.role);
  } finally {
    await db.destroy();
  }
  return serving;
}

/** @throws what the migration that failed threw; nothing of it stays, and the database is closed */
export async function migrated(dialect: Dialect, types: Types): Promise<Db> {
  const db = new Kysely<Database>({ dialect });
  await migrate(db, types);
  return db;
}

/** Migrations that this version has and the database has not. Those of a newer version are its own business. */
export async function missingMigrations(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const run = new Set(rows.map(({ name }) => name));
  return migrationNames().filter((name) => !run.has(name));
}

/** Resolves when the database answers. */
export async function ping(db: Db): Promise<void> {
  await sql`select 1`.execute(db);
}
