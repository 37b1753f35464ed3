import { randomInt } from "node:crypto";
import { tokenHash } from "../../database/ids.ts";
import type { Db } from "../../database/index.ts";
import { replaceRecoveryCodes, useRecoveryCode } from "../../database/second-factors.ts";

export { countRecoveryCodes } from "../../database/second-factors.ts";

/** Without letters and digits that look alike. */
const LETTERS = "23456789abcdefghjkmnpqrstuvwxyz";
const HOW_MANY = 10;

/** Ten new codes in place of all others, to be shown once: 79 random bits each, so their hashes give nothing away. */
export async function newRecoveryCodes(trx: Db, user: string, now: number): Promise<string[]> {
  const codes = Array.from({ length: HOW_MANY }, code);
  await replaceRecoveryCodes(trx, user, codes.map(hashOf), now);
  return codes;
}

const code = () =>
  Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join("")).join("-"); // biome-ignore format: one thought

/** Each counts once, however it is typed. */
export const spendRecoveryCode = (db: Db, user: string, typed: string): Promise<boolean> =>
  useRecoveryCode(db, user, hashOf(typed));

const hashOf = (typed: string) => tokenHash(typed.toLowerCase().replace(/[^a-z0-9]/g, ""));
