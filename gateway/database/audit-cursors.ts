import type { Db } from "./index.ts";

/** Organisations with events that a reader has not had, and that nobody is reading for it right now. */
export async function orgsBehind(db: Db, reader: string, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom("audit_heads as head")
    .leftJoin("audit_cursors as cursor", (join) =>
      join.onRef("cursor.org_id", "=", "head.org_id").on("cursor.reader", "=", reader),
    )
    .select("head.org_id")
    .where(({ eb, fn, ref, val }) => eb("head.seq", ">", fn.coalesce(ref("cursor.seq"), val(0))))
    .where(({ eb, fn, ref, val }) => eb(fn.coalesce(ref("cursor.leased_until"), val(0)), "<=", now))
    .orderBy("head.org_id")
    .execute();
  return rows.map(({ org_id }) => org_id);
}

interface Claim {
  readonly reader: string;
  readonly org: string;
  readonly now: number;
  readonly until: number;
}

export interface Claimed {
  readonly seq: number;
  /** Whether the reader was failing there until now. */
  readonly failing: boolean;
}

/** The cursor, held by the caller until then; undefined when another process holds it. */
export async function claimCursor(db: Db, claim: Claim): Promise<Claimed | undefined> {
  const claimed = await claimKnown(db, claim);
  if (claimed || !(await addCursor(db, claim))) return claimed;
  return await claimKnown(db, claim);
}

async function claimKnown(db: Db, { reader, org, now, until }: Claim): Promise<Claimed | undefined> {
  const row = await db
    .updateTable("audit_cursors")
    .set({ leased_until: until })
    .where("reader", "=", reader)
    .where("org_id", "=", org)
    .where("leased_until", "<=", now)
    .returning(["seq", "failing_since"])
    .executeTakeFirst();
  return row && { seq: row.seq, failing: row.failing_since !== null };
}

/** @returns false when there was one */
async function addCursor(db: Db, { reader, org }: Claim): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("audit_cursors")
    .values({ reader, org_id: org, seq: 0, failing_since: null })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows !== 0n;
}

/** Gives the cursor back where it got to. */
export async function moveCursor(db: Db, reader: string, org: string, seq: number): Promise<void> {
  await db
    .updateTable("audit_cursors")
    .set({ seq, leased_until: 0, failing_since: null })
    .where("reader", "=", reader)
    .where("org_id", "=", org)
    .execute();
}

/** Gives it back unmoved. @returns whether this is where the reader began to fail */
export async function noteCursorFailed(db: Db, reader: string, org: string, now: number): Promise<boolean> {
  await db
    .updateTable("audit_cursors")
    .set({ leased_until: 0 })
    .where("reader", "=", reader)
    .where("org_id", "=", org)
    .execute();
  const { numUpdatedRows } = await db
    .updateTable("audit_cursors")
    .set({ failing_since: now })
    .where("reader", "=", reader)
    .where("org_id", "=", org)
    .where("failing_since", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A reader that is new here has what is written from now on, not the whole past. */
export async function beginAtHeads(db: Db, reader: string): Promise<void> {
  const mark = { reader, org_id: "", seq: 0, failing_since: null };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("audit_cursors")
    .values(mark)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) return;
  for (const { org_id, seq } of await db.selectFrom("audit_heads").select(["org_id", "seq"]).execute())
    await beginCursor(db, reader, org_id, seq);
}

/** A reader of one organisation begins here. */
export async function beginCursor(trx: Db, reader: string, org: string, seq: number): Promise<void> {
  await trx
    .insertInto("audit_cursors")
    .values({ reader, org_id: org, seq, failing_since: null })
    .onConflict((conflict) =>
      conflict.columns(["reader", "org_id"]).doUpdateSet({ seq, leased_until: 0, failing_since: null }),
    )
    .execute();
}
