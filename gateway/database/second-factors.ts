import type { Db } from "./index.ts";
import type { PendingSignInRow, TotpSecretRow } from "./schema.ts";

export type TotpSecret = TotpSecretRow;
export type PendingSignIn = PendingSignInRow;

/** Replaces one that was never confirmed. @returns false when one is in use */
export async function putTotp(trx: Db, row: TotpSecret): Promise<boolean> {
  await trx.deleteFrom("totp_secrets").where("user_id", "=", row.user_id).where("confirmed_at", "is", null).execute();
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("totp_secrets")
    .values(row)
    .onConflict((conflict) => conflict.column("user_id").doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows) === 1;
}

export const findTotp = (db: Db, user: string): Promise<TotpSecret | undefined> =>
  db.selectFrom("totp_secrets").selectAll().where("user_id", "=", user).executeTakeFirst();

/** Uses up a step, so that no code counts twice. @returns false when it was used, or a later one */
export async function useTotpStep(db: Db, user: string, step: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("totp_secrets")
    .set({ last_step: step })
    .where("user_id", "=", user)
    .where("last_step", "<", step)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function confirmTotp(db: Db, user: string, now: number): Promise<void> {
  await db.updateTable("totp_secrets").set({ confirmed_at: now }).where("user_id", "=", user).execute();
}

/** @returns false when there was none */
export async function deleteTotp(db: Db, user: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom("totp_secrets").where("user_id", "=", user).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Whether the person is asked for more than a first proof. */
export async function hasSecondFactor(db: Db, user: string): Promise<boolean> {
  const passkey = await db.selectFrom("passkeys").select("id").where("user_id", "=", user).limit(1).executeTakeFirst();
  return Boolean(passkey) || Boolean((await findTotp(db, user))?.confirmed_at);
}

export async function replaceRecoveryCodes(trx: Db, user: string, hashes: readonly string[], now: number) {
  await trx.deleteFrom("recovery_codes").where("user_id", "=", user).execute();
  const rows = hashes.map((code_hash) => ({ user_id: user, code_hash, created_at: now }));
  if (rows.length > 0) await trx.insertInto("recovery_codes").values(rows).execute();
}

/** @returns false for one that is unknown or used */
export async function useRecoveryCode(db: Db, user: string, hash: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("recovery_codes")
    .where("user_id", "=", user)
    .where("code_hash", "=", hash)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function countRecoveryCodes(db: Db, user: string): Promise<number> {
  const { count } = await db
    .selectFrom("recovery_codes")
    .select((row) => row.fn.countAll<number>().as("count"))
    .where("user_id", "=", user)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Those that nobody finished go with the next one. */
export async function addPendingSignIn(db: Db, row: PendingSignIn, now: number): Promise<void> {
  await db.deleteFrom("pending_sign_ins").where("expires_at", "<=", now).execute();
  await db.insertInto("pending_sign_ins").values(row).execute();
}

export const findPendingSignIn = (db: Db, tokenHash: string, now: number): Promise<PendingSignIn | undefined> =>
  db
    .selectFrom("pending_sign_ins")
    .selectAll()
    .where("token_hash", "=", tokenHash)
    .where("expires_at", ">", now)
    .executeTakeFirst();

/** Takes it away, so that it leads to one session. */
export const takePendingSignIn = (db: Db, tokenHash: string, now: number): Promise<PendingSignIn | undefined> =>
  db
    .deleteFrom("pending_sign_ins")
    .where("token_hash", "=", tokenHash)
    .where("expires_at", ">", now)
    .returningAll()
    .executeTakeFirst();
