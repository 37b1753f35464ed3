import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { protectRows } from "../row-security.ts";
import type { Types } from "./index.ts";

/** The second wall between organisations, where the database has one: every table that says whose a row is. */
export const rowSecurity = ({ rowSecurity }: Types): Migration => ({
  async up(db: Kysely<unknown>) {
    if (!rowSecurity) return;
    const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.columns
      where table_schema = current_schema() and column_name = 'org_id' order by table_name`.execute(db);
    for (const { name } of rows) await protectRows(db, name);
    await protectRows(db, "orgs", "id");
  },
});
