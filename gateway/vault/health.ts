import type { Db } from "../database/index.ts";
import { kidsInUse, someUserKey } from "../database/user-keys.ts";
import { VaultError, type VaultErrorCode } from "./errors.ts";
import { type KeyProvider, nameOf } from "./keys.ts";
import { currentKid } from "./rotate-master.ts";
import { userKeyBound } from "./row-bound.ts";

/** Names and codes only. */
export interface KeyHealth {
  readonly ok: boolean;
  /** When this was found out. */
  readonly at: number;
  /** The key that wraps, and every other that stored user keys need. */
  readonly keys: readonly { readonly kid: string; readonly state: "ok" | VaultErrorCode }[];
}

/** So often at most the keys are asked, however often somebody wants to know. */
const KEEP_MS = 30_000;

/**
 * Whether the keys can be used: the first one gives back what it wraps, and one stored user key opens with each
 * master key that some need. Cheap enough for a readiness check; never rejects for a key.
 */
export function keyHealth({ db, keys, clock }: { db: Db; keys: KeyProvider; clock: { now(): number } }) {
  let known: { at: number; answer: Promise<KeyHealth> } | undefined;
  return async (): Promise<KeyHealth> => {
    const now = clock.now();
    if (!known || now - known.at >= KEEP_MS) {
      const fresh = { at: now, answer: look(now) };
      known = fresh;
      fresh.answer.catch(() => {
        if (known === fresh) known = undefined; // the database did not answer: that is told, and asked again
      });
    }
    return await known.answer;
  };

  async function look(at: number): Promise<KeyHealth> {
    const first = keys.names[0]!;
    const states = [{ kid: first, state: await codeOf(() => currentKid(keys)) }];
    const others = (await kidsInUse(db)).filter((kid) => nameOf(kid) !== first);
    const more = others.map(async (kid) => {
      const row = await someUserKey(db, kid);
      const open = async () => row && (await keys.unwrap(kid, row.wrapped, userKeyBound(row))).fill(0);
      return { kid, state: await codeOf(open) };
    });
    states.push(...(await Promise.all(more)));
    return { ok: states.every(({ state }) => state === "ok"), at, keys: states };
  }
}

async function codeOf(ask: () => Promise<unknown>): Promise<"ok" | VaultErrorCode> {
  try {
    await ask();
    return "ok";
  } catch (error) {
    if (error instanceof VaultError) return error.code;
    throw error;
  }
}
