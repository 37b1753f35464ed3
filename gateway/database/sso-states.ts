import type { Db } from "./index.ts";
import type { SsoStateRow } from "./schema.ts";

export type SsoState = SsoStateRow;

/** Somebody is on the way to their provider. Those that nobody finished go with the next one. */
export async function addSsoState(db: Db, row: SsoState, now: number): Promise<void> {
  await db.deleteFrom("sso_states").where("expires_at", "<=", now).execute();
  await db.insertInto("sso_states").values(row).execute();
}

/** Takes it away, so that it counts once; for the browser that left, and for no other. */
export const takeSsoState = (
  db: Db,
  { state, browser, now }: { state: string; browser: string; now: number },
): Promise<SsoState | undefined> =>
  db
    .deleteFrom("sso_states")
    .where("state_hash", "=", state)
    .where("browser_hash", "=", browser)
    .where("expires_at", ">", now)
    .returningAll()
    .executeTakeFirst();
