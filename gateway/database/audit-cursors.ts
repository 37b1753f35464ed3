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

/** The cursor, held by the caller until then; undefined when another process holds it. */
export async function claimCursor(
  db: Db,
  { reader, org, now, until }: { reader: string; org: string; now: number; until: number },
): Promise<number | undefined> {
  await db
    .insertInto("audit_cursors")
    .values({ reader, org_id: org, seq: 0, failing_since: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const claimed = await db
    .updateTable("audit_cursors")
    .set({ leased_until: until })
    .where("reader", "=", reader)
    .where("org_id", "=", org)
    .where("leased_until", "<=", now)
    .returning("seq")
    .executeTakeFirst();
  return claimed?.seq;
}

/** Gives the cursor back where it got to. @returns whether the reader was failing there until now */
export async function moveCursor(db: Db, reader: string, org: string, seq: number): Promise<boolean> {
  const before = await failingSince(db, reader, org);
  await db
    .updateTable("audit_cursors")
    .set({ seq, leased_until: 0, failing_since: null })
    .where("reader", "=", reader)
    .where("org_id", "=", org)
    .execute();
  return typeof before === "number";
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

const failingSince = async (db: Db, reader: string, org: string) =>
  (
    await db
      .selectFrom("audit_cursors")
      .select("failing_since")
      .where("reader", "=", reader)
      .where("org_id", "=", org)
      .executeTakeFirst()
  )?.failing_since;

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
