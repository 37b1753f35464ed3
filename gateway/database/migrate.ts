import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { migrations, type Types } from "./migrations/index.ts";

export const SQLITE: Types = { bytes: "blob", rowSecurity: false };
export const POSTGRES: Types = { bytes: "bytea", rowSecurity: true };

/**
 * Brings the tables up to date, or to where they were after one migration.
 * @throws what the migration that failed threw; nothing of it stays, and the database is closed
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever tables there are
export async function migrate(db: Kysely<any>, types: Types, upTo?: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(types) } });
  const { error } = await (upTo ? migrator.migrateTo(upTo) : migrator.migrateToLatest());
  if (!error) return;
  await db.destroy();
  throw new Error("The database could not be opened or migrated.", { cause: error });
}
