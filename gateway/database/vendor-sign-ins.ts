import type { Db } from "./index.ts";
import type { VendorSignInRow } from "./schema.ts";

export type VendorSignIn = VendorSignInRow;

/** Somebody is on the way to a vendor's sign-in page. Those that nobody finished go with the next one. */
export async function addVendorSignIn(db: Db, row: VendorSignIn, now: number): Promise<void> {
  await db.deleteFrom("vendor_sign_ins").where("expires_at", "<=", now).execute();
  await db.insertInto("vendor_sign_ins").values(row).execute();
}

/** Takes it away, so that it counts once; for the browser session that began it, and for nobody else. */
export const takeVendorSignIn = (
  db: Db,
  { state, session, vendor, now }: { state: string; session: string; vendor: string; now: number },
): Promise<VendorSignIn | undefined> =>
  db
    .deleteFrom("vendor_sign_ins")
    .where("state_hash", "=", state)
    .where("session_hash", "=", session)
    .where("vendor", "=", vendor)
    .where("expires_at", ">", now)
    .returningAll()
    .executeTakeFirst();
