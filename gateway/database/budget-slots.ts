import { sql } from "kysely";
import type { Db } from "./index.ts";
import type { BudgetSlotRow } from "./schema.ts";

export type Booking = BudgetSlotRow;

/** What all processes spent of one budget in the slots that count. */
export interface Spent {
  readonly spent: number;
  /** The first slot of them in which something was. */
  readonly first: number;
}

/**
 * Adds to the slots first and reads then: of processes that book at the same moment each sees the others, so that together they
 * never take what is not there.
 * @param since by key, the first slot that counts
 */
export async function bookSpent(
  db: Db,
  bookings: readonly Booking[],
  since: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, Spent>> {
  // In one order everywhere, so that two processes that book several budgets do not wait for each other.
  const ordered = [...bookings].sort((a, b) => (a.key === b.key ? a.slot - b.slot : a.key < b.key ? -1 : 1));
  if (ordered.length > 0)
    await db
      .insertInto("budget_slots")
      .values(ordered)
      .onConflict((conflict) =>
        conflict
          .columns(["key", "slot"])
          .doUpdateSet({ spent: sql<number>`${sql.ref("budget_slots.spent")} + ${sql.ref("excluded.spent")}` }),
      )
      .execute();
  const rows = await db
    .selectFrom("budget_slots")
    .select(({ fn }) => ["key", fn.sum<number>("spent").as("spent"), fn.min("slot").as("first")])
    .where(({ or, and, eb }) =>
      or([...since].map(([key, oldest]) => and([eb("key", "=", key), eb("slot", ">=", oldest), eb("spent", ">", 0)]))),
    )
    .groupBy("key")
    .execute();
  return new Map(rows.map(({ key, spent, first }) => [key, { spent: Number(spent), first: Number(first) }]));
}
