import type { Db } from "./index.ts";
import type { ToolVersionRow } from "./schema.ts";

/** Keeps what a hash stands for; it never stands for anything else. */
export async function keepToolVersions(db: Db, rows: readonly ToolVersionRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    await db
      .insertInto("tool_versions")
      .values(rows.slice(from, from + ROWS_AT_ONCE))
      .onConflict((conflict) => conflict.column("hash").doNothing())
      .execute();
}

const ROWS_AT_ONCE = 200;

export const findToolVersion = (db: Db, hash: string): Promise<ToolVersionRow | undefined> =>
  db.selectFrom("tool_versions").selectAll().where("hash", "=", hash).executeTakeFirst();
