import type { Db } from "../../database/index.ts";
import { listPasskeys } from "../../database/passkeys.ts";
import { countRecoveryCodes, findTotp } from "../../database/second-factors.ts";

/** What somebody can show besides a password. */
export async function secondFactors(db: Db, userId: string) {
  const [passkeys, totp, recovery] = await Promise.all([
    listPasskeys(db, userId),
    findTotp(db, userId),
    countRecoveryCodes(db, userId),
  ]);
  return { passkeys: passkeys.length, totp: Boolean(totp?.confirmed_at), recovery };
}
