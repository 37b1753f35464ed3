import { createHash } from "node:crypto";
import type { Db } from "./index.ts";
import type { IdentityRow } from "./schema.ts";

export type Identity = IdentityRow;

/** An account at a provider. */
export type Account = Pick<IdentityRow, "issuer" | "subject">;

/** @returns false when this account is linked already, to whomever */
export async function addIdentity(db: Db, row: Identity): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("identities")
    .values(row)
    .onConflict((conflict) => conflict.columns(["issuer", "subject"]).doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows) === 1;
}

/** Whose it is, with what keeps them out. */
export const findIdentity = (db: Db, { issuer, subject }: Account) =>
  db
    .selectFrom("identities")
    .innerJoin("users", "users.id", "identities.user_id")
    .select(["users.id as user_id", "users.disabled_at", "users.erased_at"])
    .where("issuer", "=", issuer)
    .where("subject", "in", [subject, erased({ issuer, subject })])
    .executeTakeFirst();

export const listIdentities = (db: Db, user: string): Promise<Identity[]> =>
  db.selectFrom("identities").selectAll().where("user_id", "=", user).orderBy("created_at").execute();

export async function noteIdentityUse(db: Db, { issuer, subject }: Account, label: string, now: number): Promise<void> {
  await db
    .updateTable("identities")
    .set({ last_used_at: now, label })
    .where("issuer", "=", issuer)
    .where("subject", "=", subject)
    .execute();
}

/** @returns how many there were */
export async function deleteIdentities(trx: Db, user: string, issuer: string): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom("identities")
    .where("user_id", "=", user)
    .where("issuer", "=", issuer)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Leaves a mark that names nobody, so that an erased person does not come back by signing in once more. */
export async function eraseIdentities(trx: Db, user: string): Promise<void> {
  for (const { issuer, subject } of await listIdentities(trx, user)) {
    await trx
      .updateTable("identities")
      .set({ subject: erased({ issuer, subject }), label: "", last_used_at: null })
      .where("issuer", "=", issuer)
      .where("subject", "=", subject)
      .execute();
  }
}

const erased = ({ issuer, subject }: Account) =>
  `erased:${createHash("sha256").update(`${issuer}\0${subject}`).digest("base64url")}`;
