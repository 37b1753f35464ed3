import type { Db } from "./index.ts";
import type { AuditAnchorRow } from "./schema.ts";

/** Days that events are kept; 0 is for ever. */
export async function keptDays(db: Db, org: string): Promise<number> {
  const row = await db.selectFrom("audit_heads").select("keep_days").where("org_id", "=", org).executeTakeFirst();
  return row?.keep_days ?? 0;
}

/** In a transaction that has recorded an event of this organisation, so that there is a head. */
export async function setKeptDays(trx: Db, org: string, days: number): Promise<void> {
  await trx.updateTable("audit_heads").set({ keep_days: days }).where("org_id", "=", org).execute();
}

export interface Kept {
  readonly org_id: string;
  readonly keep_days: number;
  readonly base_seq: number;
}

/** Organisations that do not keep events for ever, or where an earlier removal was cut short. */
export const retainingOrgs = (db: Db): Promise<Kept[]> =>
  db
    .selectFrom("audit_heads")
    .select(["org_id", "keep_days", "base_seq"])
    .where(({ or, eb }) => or([eb("keep_days", ">", 0), eb("base_seq", ">", 0)]))
    .orderBy("org_id")
    .execute();

/** The newest anchor of which everything before is older than that. */
export const anchorBefore = (
  db: Db,
  org: string,
  { at, after }: { at: number; after: number },
): Promise<AuditAnchorRow | undefined> =>
  db
    .selectFrom("audit_anchors")
    .selectAll()
    .where("org_id", "=", org)
    .where("at", "<", at)
    .where("seq", ">", after)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();

/** @returns false when another process has moved it meanwhile */
export async function moveBase(trx: Db, org: string, { from, to }: { from: number; to: number }): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("audit_heads")
    .set({ base_seq: to })
    .where("org_id", "=", org)
    .where("base_seq", "=", from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The oldest events up to there, so many at most. @returns how many went */
export async function deleteOldest(db: Db, org: string, through: number, most: number): Promise<number> {
  const first = await db
    .selectFrom("audit_events")
    .select("seq")
    .where("org_id", "=", org)
    .where("seq", "<=", through)
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
  if (!first) return 0;
  const { numDeletedRows } = await db
    .deleteFrom("audit_events")
    .where("org_id", "=", org)
    .where("seq", "<=", Math.min(through, first.seq + most - 1))
    .executeTakeFirst();
  return Number(numDeletedRows);
}
