import type { Db } from "./index.ts";
import type { ApprovalNoticesRow, OutboxRow } from "./schema.ts";

export type Letter = OutboxRow;

/** Puts letters down in the transaction of what they are about: they leave when that happened, and only then. */
export async function addLetters(trx: Db, letters: readonly Letter[]): Promise<void> {
  if (letters.length > 0) await trx.insertInto("outbox").values(letters).execute();
}

export const dueLetters = (db: Db, now: number, limit: number): Promise<Letter[]> =>
  db.selectFrom("outbox").selectAll().where("due_at", "<=", now).orderBy("due_at").orderBy("id").limit(limit).execute();

/** Takes a letter for a while, or puts it off; of several processes one gets it. */
export async function putOff(
  db: Db,
  { id, due_at }: Pick<Letter, "id" | "due_at">,
  change: Partial<Pick<Letter, "due_at" | "tries">>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("outbox")
    .set(change)
    .where("id", "=", id)
    .where("due_at", "=", due_at)
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

export async function dropLetter(db: Db, id: string): Promise<void> {
  await db.deleteFrom("outbox").where("id", "=", id).execute();
}

export const findNotices = (db: Db, org: string): Promise<ApprovalNoticesRow | undefined> =>
  db.selectFrom("approval_notices").selectAll().where("org_id", "=", org).executeTakeFirst();

export async function putNotices(trx: Db, row: ApprovalNoticesRow): Promise<void> {
  const { webhook, mail } = row;
  await trx
    .insertInto("approval_notices")
    .values(row)
    .onConflict((conflict) => conflict.column("org_id").doUpdateSet({ webhook, mail }))
    .execute();
}
