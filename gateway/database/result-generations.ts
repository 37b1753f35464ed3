import { sql } from "kysely";
import type { Db } from "./index.ts";
import { prepared } from "./prepared.ts";

interface Place {
  readonly org: string;
  readonly vendor: string;
}

/** Undefined where nothing was ever changed through here. */
export const findGeneration = prepared<{ org: string; vendor: string }>()((db, value) =>
  db
    .selectFrom("result_generations")
    .select(["generation", "unsettled_until"])
    .where("org_id", "=", value("org"))
    .where("vendor", "=", value("vendor")),
);

/** A change begins: no answer from before holds any more, and until `until` none is kept, whatever becomes of us. */
export async function beginChange(db: Db, { org, vendor }: Place, now: number, until: number): Promise<void> {
  const column = (name: string) => sql.ref<number>(`result_generations.${name}`);
  await db
    .insertInto("result_generations")
    .values({ org_id: org, vendor, generation: 1, changing: 1, unsettled_until: until })
    .onConflict((conflict) =>
      conflict.columns(["org_id", "vendor"]).doUpdateSet({
        generation: sql<number>`${column("generation")} + 1`,
        // One that never ended, because its process did, is over when its time is.
        changing: sql<number>`case when ${column("unsettled_until")} <= ${now} then 1 else ${column("changing")} + 1 end`,
        unsettled_until: until,
      }),
    )
    .execute();
}

/**
 * It is over: answers are kept again from `settledAt` on, unless another is under way. One whose end is unclear stays among those
 * under way, so that the end of the next does not cut short what it is waited for; its time ends it.
 */
export async function endChange(
  db: Db,
  { org, vendor }: Place,
  { settledAt, clear }: { settledAt: number; clear: boolean },
): Promise<void> {
  await db
    .updateTable("result_generations")
    .set({
      ...(clear && { changing: sql<number>`case when changing > 0 then changing - 1 else 0 end` }),
      unsettled_until: sql<number>`case when changing <= 1 then ${settledAt} else unsettled_until end`,
    })
    .where("org_id", "=", org)
    .where("vendor", "=", vendor)
    .execute();
}
