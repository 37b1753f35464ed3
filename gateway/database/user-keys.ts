import type { Db } from "./index.ts";
import { prepared } from "./prepared.ts";
import type { UserKeyRow } from "./schema.ts";

export type UserKey = UserKeyRow;

export const findUserKey = prepared<{ org: string; owner: string }>()((db, value) =>
  db.selectFrom("user_keys").selectAll().where("org_id", "=", value("org")).where("owner_id", "=", value("owner")),
);

/** @returns false when the owner has a key already, which then stays */
export async function addUserKey(db: Db, row: UserKey): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("user_keys")
    .values(row)
    .onConflict((conflict) => conflict.columns(["org_id", "owner_id"]).doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows) === 1;
}

export async function deleteUserKey(db: Db, org: string, owner: string): Promise<void> {
  await db.deleteFrom("user_keys").where("org_id", "=", org).where("owner_id", "=", owner).execute();
}

/** The master keys that stored user keys need. */
export async function kidsInUse(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("user_keys").select("kid").distinct().execute();
  return rows.map(({ kid }) => kid);
}
