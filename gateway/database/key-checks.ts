import type { Db } from "./index.ts";

/** What a look at the stored keys found. */
export interface KeyCheck {
  readonly endedAt: number;
  /** Credentials whose version was compared. */
  readonly lookedAt: number;
  /** How many rows have which problem. */
  readonly problems: Readonly<Record<string, number>>;
}

interface Holder {
  readonly holder: string;
  readonly until: number;
}

const ID = 1;

/** Takes the check that is due: one process gets it, and has it until then. */
export async function claimKeyCheck(
  db: Db,
  { holder, now, until, endedBefore }: Holder & { readonly now: number; readonly endedBefore: number },
): Promise<boolean> {
  await db
    .insertInto("key_checks")
    .values({ id: ID, holder, leased_until: 0, ended_at: null, looked_at: 0, problems: "{}" })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  const { numUpdatedRows } = await db
    .updateTable("key_checks")
    .set({ holder, leased_until: until })
    .where("id", "=", ID)
    .where("leased_until", "<=", now)
    .where((row) => row.or([row("ended_at", "is", null), row("ended_at", "<=", endedBefore)]))
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

/** Has it for longer, or keeps others from it for a while. @returns false when somebody else took over */
export async function holdKeyCheck(db: Db, { holder, until }: Holder): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("key_checks")
    .set({ leased_until: until })
    .where("id", "=", ID)
    .where("holder", "=", holder)
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

export async function endKeyCheck(db: Db, holder: string, { endedAt, lookedAt, problems }: KeyCheck): Promise<void> {
  await db
    .updateTable("key_checks")
    .set({ leased_until: 0, ended_at: endedAt, looked_at: lookedAt, problems: JSON.stringify(problems) })
    .where("id", "=", ID)
    .where("holder", "=", holder)
    .execute();
}

/** Undefined before the first one ended. */
export async function lastKeyCheck(db: Db): Promise<KeyCheck | undefined> {
  const row = await db.selectFrom("key_checks").selectAll().where("id", "=", ID).executeTakeFirst();
  if (!row || row.ended_at === null) return undefined;
  return { endedAt: row.ended_at, lookedAt: row.looked_at, problems: JSON.parse(row.problems) };
}

export const problemCount = ({ problems }: Pick<KeyCheck, "problems">): number =>
  Object.values(problems).reduce((sum, count) => sum + count, 0);
