import type { Db } from "./index.ts";

export async function homeOf(db: Db, org: string): Promise<string | null> {
  const row = await db.selectFrom("orgs").select("region").where("id", "=", org).executeTakeFirst();
  return row?.region ?? null;
}

/** Those that have no home yet. */
export async function orgsWithoutHome(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("orgs").select("id").where("region", "is", null).where("deleted_at", "is", null).execute(); // biome-ignore format: one thought
  return rows.map(({ id }) => id);
}

/** @returns false when there is no such organisation */
export async function setHome(trx: Db, org: string, region: string): Promise<boolean> {
  const { numUpdatedRows } = await trx.updateTable("orgs").set({ region }).where("id", "=", org).executeTakeFirst();
  return numUpdatedRows === 1n;
}
