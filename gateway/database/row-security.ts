import { type Kysely, sql } from "kysely";
import { EVERY_ORG } from "./scope.ts";

/** The setting of a connection that the policies read. */
export const SETTING = "app.org_id";

/** Read once for a statement, whatever it scans. Without the setting it is null, and no row passes. */
const said = sql`(select current_setting(${sql.lit(SETTING)}, true))`;

const mine = (column: string) => sql`${sql.ref(column)} = ${said} or ${said} = ${sql.lit(EVERY_ORG)}`;

/**
 * For migrations on PostgreSQL: rows of this table are seen and changed within their organisation only, by the owner of
 * the table too. A new table with `org_id` needs this in the migration that makes it.
 */
export async function protectRows(db: Kysely<unknown>, table: string, column = "org_id"): Promise<void> {
  await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
  await sql`alter table ${sql.table(table)} force row level security`.execute(db);
  await sql`create policy organisation on ${sql.table(table)} using (${mine(column)}) with check (${mine(column)})`.execute(db); // biome-ignore format: one thought
}
