import type { Db } from "./index.ts";
import type { OwnershipOfferRow } from "./schema.ts";

export type OwnershipOffer = OwnershipOfferRow;

/** In place of an earlier one. */
export async function putOffer(trx: Db, row: OwnershipOffer): Promise<void> {
  await trx
    .insertInto("ownership_offers")
    .values(row)
    .onConflict((conflict) => conflict.column("org_id").doUpdateSet(row))
    .execute();
}

/** The one that waits for its answer. */
export const findOffer = (db: Db, org: string, now: number): Promise<OwnershipOffer | undefined> =>
  db
    .selectFrom("ownership_offers")
    .selectAll()
    .where("org_id", "=", org)
    .where("expires_at", ">", now)
    .executeTakeFirst();

/** The organisations that somebody was offered. */
export async function offersTo(db: Db, user: string, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom("ownership_offers")
    .select("org_id")
    .where("to_user", "=", user)
    .where("expires_at", ">", now)
    .execute();
  return rows.map(({ org_id }) => org_id);
}

export async function endOffer(trx: Db, org: string): Promise<void> {
  await trx.deleteFrom("ownership_offers").where("org_id", "=", org).execute();
}
