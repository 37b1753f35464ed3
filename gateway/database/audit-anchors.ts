import type { Db } from "./index.ts";
import type { AuditAnchorRow } from "./schema.ts";

/** In the order of the chain. */
export const listAnchors = (db: Db, org: string): Promise<AuditAnchorRow[]> =>
  db.selectFrom("audit_anchors").selectAll().where("org_id", "=", org).orderBy("seq").execute();

/** A second process may have made the same one. */
export async function addAnchor(db: Db, row: AuditAnchorRow): Promise<void> {
  await db
    .insertInto("audit_anchors")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Ends of chains that are `most` events beyond their last anchor, or beyond one that was made before that time. */
export const unanchoredHeads = (
  db: Db,
  most: number,
  before: number,
): Promise<Pick<AuditAnchorRow, "org_id" | "seq" | "mac">[]> =>
  db
    .selectFrom("audit_heads as head")
    .leftJoin(
      db
        .selectFrom("audit_anchors")
        .select(({ fn }) => ["org_id", fn.max("seq").as("seq"), fn.max("at").as("at")])
        .groupBy("org_id")
        .as("anchor"),
      "anchor.org_id",
      "head.org_id",
    )
    .select(["head.org_id", "head.seq", "head.mac"])
    .where(({ eb, ref }) =>
      eb.or([
        eb("anchor.seq", "is", null),
        eb("head.seq", ">=", eb(ref("anchor.seq"), "+", most as never)),
        eb.and([eb("head.seq", ">", ref("anchor.seq")), eb("anchor.at", "<=", before)]),
      ]),
    )
    .orderBy("head.org_id")
    .execute();

type Place = "file" | "store";

/** Anchors that have not reached a place outside yet, oldest first. */
export const waitingAnchors = (db: Db, place: Place, limit: number): Promise<AuditAnchorRow[]> =>
  db.selectFrom("audit_anchors").selectAll().where(`${place}_at`, "is", null).orderBy("at").orderBy("org_id").orderBy("seq").limit(limit).execute(); // biome-ignore format: one thought

export async function noteAnchorStored(
  db: Db,
  { org_id, seq }: Pick<AuditAnchorRow, "org_id" | "seq">,
  place: Place,
  now: number,
): Promise<void> {
  await db
    .updateTable("audit_anchors")
    .set({ [`${place}_at`]: now })
    .where("org_id", "=", org_id)
    .where("seq", "=", seq)
    .execute();
}
