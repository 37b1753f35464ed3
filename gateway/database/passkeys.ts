import type { Db } from "./index.ts";
import type { PasskeyChallengeRow, PasskeyRow } from "./schema.ts";

export type Passkey = PasskeyRow;

/** @returns false when the authenticator's id is known already */
export async function addPasskey(db: Db, row: Passkey): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("passkeys")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows) === 1;
}

export const findPasskey = (db: Db, id: string): Promise<Passkey | undefined> =>
  db.selectFrom("passkeys").selectAll().where("id", "=", id).executeTakeFirst();

export const listPasskeys = (db: Db, user: string): Promise<Passkey[]> =>
  db.selectFrom("passkeys").selectAll().where("user_id", "=", user).orderBy("created_at").execute();

/** @returns false when somebody used this count meanwhile; authenticators that count nothing stay at zero */
export async function notePasskeyUse(db: Db, { id, counter }: Passkey, next: number, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("passkeys")
    .set({ counter: next, last_used_at: now })
    .where("id", "=", id)
    .where("counter", "=", counter)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** @returns false when there was none */
export async function deletePasskey(db: Db, user: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("passkeys")
    .where("id", "=", id)
    .where("user_id", "=", user)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Those that nobody answered go with the next one. */
export async function addChallenge(db: Db, row: PasskeyChallengeRow, now: number): Promise<void> {
  await db.deleteFrom("passkey_challenges").where("expires_at", "<=", now).execute();
  await db.insertInto("passkey_challenges").values(row).execute();
}

/** Takes it away, so that it counts once; for the browser it was made for. */
export const takeChallenge = (
  db: Db,
  { challenge, browser, now }: { challenge: string; browser: string; now: number },
): Promise<PasskeyChallengeRow | undefined> =>
  db
    .deleteFrom("passkey_challenges")
    .where("challenge_hash", "=", challenge)
    .where("browser_hash", "=", browser)
    .where("expires_at", ">", now)
    .returningAll()
    .executeTakeFirst();
