import type { Db } from "./index.ts";

export async function addSetupToken(db: Db, idHash: string, now: number): Promise<void> {
  await db.insertInto("setup_tokens").values({ id_hash: idHash, created_at: now, used_at: null }).execute();
}

export async function isUnused(db: Db, idHash: string, since: number): Promise<boolean> {
  const row = await db
    .selectFrom("setup_tokens")
    .select("id_hash")
    .where("id_hash", "=", idHash)
    .where("used_at", "is", null)
    .where("created_at", ">", since)
    .executeTakeFirst();
  return Boolean(row);
}

/**
 * Uses up every link at once, so that of two people with two links only one becomes the owner.
 * @returns the hashes that were unused until now
 */
export async function useAll(trx: Db, now: number): Promise<string[]> {
  const rows = await trx
    .updateTable("setup_tokens")
    .set({ used_at: now })
    .where("used_at", "is", null)
    .returning("id_hash")
    .execute();
  return rows.map((row) => row.id_hash);
}
