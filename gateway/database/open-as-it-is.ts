import { existsSync } from "node:fs";
import { Kysely } from "kysely";
import type { Place } from "./index.ts";
import { migrate, POSTGRES, SQLITE } from "./migrate.ts";
import { type PoolSettings, postgresDialect } from "./postgres.ts";
import { DatabaseProblem, lookAtServer } from "./postgres-server.ts";
import { sqliteDialect } from "./sqlite.ts";
import type { AnyDb } from "./transfer/tables.ts";

/** For hours of reading or writing by the operator: nothing ends a statement. */
const PATIENT: PoolSettings = { connections: 2, waitMs: 10_000, statementMs: 0 };

/**
 * Opens without bringing the tables up to date, above organisations: for copies of everything.
 * @param upTo makes the tables as they were after this migration
 * @throws DatabaseProblem
 */
export async function openAsItIs(
  place: Place,
  { readOnly = false, upTo }: { readOnly?: boolean; upTo?: string },
): Promise<AnyDb> {
  const db = new Kysely({ dialect: await dialectFor(place, readOnly) });
  if (upTo) {
    await refuseLater(db, upTo);
    await migrate(db, "file" in place ? SQLITE : POSTGRES, upTo);
  }
  return db;
}

/** Going there would mean to take back what a later release made. */
async function refuseLater(db: AnyDb, upTo: string) {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === "kysely_migration")) return;
  const later = await db.selectFrom("kysely_migration").select("name").where("name", ">", upTo).executeTakeFirst();
  if (!later) return;
  await db.destroy();
  throw new DatabaseProblem("The target has the tables of a later release than the rows. Name a new, empty database.");
}

async function dialectFor(place: Place, readOnly: boolean) {
  if ("file" in place) {
    if (readOnly && !existsSync(place.file))
      throw new DatabaseProblem(`There is no database at ${place.file}. Name its file, or set DATA_DIR.`);
    return sqliteDialect(place.file, { readOnly });
  }
  const url = place.migrationUrl ?? place.url;
  const variable = place.migrationUrl ? "MIGRATION_DATABASE_URL" : (place.variable ?? "DATABASE_URL");
  await lookAtServer(url, { variable, migrates: !readOnly, settings: PATIENT });
  return postgresDialect(url, PATIENT, "every organisation");
}
