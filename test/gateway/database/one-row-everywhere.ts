import { sql } from "kysely";
import type { Db } from "../../../gateway/database/index.ts";

/**
 * A row of each of these organisations in each table that says whose a row is, and one in every other, with a value in each
 * column. Read from the catalogue, so that a table that comes later is here by itself.
 */
export async function oneRowEverywhere(db: Db, orgs: readonly string[]) {
  const later: (() => Promise<unknown>)[] = [];
  for (const { name, columns } of await db.introspection.getTables()) {
    const owner = name === "orgs" ? "id" : columns.find((column) => column.name === "org_id")?.name;
    for (const org of owner ? orgs : orgs.slice(0, 1)) {
      const row = Object.fromEntries(columns.map((column) => [column.name, valueFor(column, owner, org)]));
      if (name === "installation") continue;
      later.push(() =>
        db
          .insertInto(name as "orgs")
          .values(row as never)
          .execute(),
      );
    }
  }
  // What refers to something comes in a later round.
  for (let round = 0; later.length > 0; round++)
    for (const insert of later.splice(0))
      await insert().catch((error) => (round > 9 ? Promise.reject(error) : later.push(insert)));
}

/** From the catalogue of PostgreSQL. */
export const tablesOfOrgs = async (db: Db) =>
  (
    await sql<{ name: string; column: string }>`select table_name as name, column_name as column
      from information_schema.columns where table_schema = current_schema() and column_name = 'org_id'
      order by table_name`.execute(db)
  ).rows;

function valueFor({ name, dataType }: { name: string; dataType: string }, owner: string | undefined, org: string) {
  if (name === owner) return org;
  if (name === "personal_of") return null; // one for each person
  if (/blob|bytea/i.test(dataType)) return Buffer.from([0, 255, 128, 39, 92]);
  if (!/text/i.test(dataType)) return /bigint|int8/i.test(dataType) ? 1_767_600_000_123 : 7;
  if (/^(user_id|created_by|from_user|to_user)$/.test(name)) return "x";
  if (name === "id" || name.endsWith("_id")) return owner ? `x_${org}` : "x";
  return `${name} "ö\\' 🔑" ${org}`;
}
