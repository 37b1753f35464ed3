import type { Db } from "../database/index.ts";
import { inSystemScope } from "../database/scope.ts";
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

/** So often at most the keys are asked, however often somebody wants to know; sooner while something is wrong. */
const KEEP_MS = 30_000;
const KEEP_WRONG_MS = 5000;

/**
 * Whether the keys can be used: the first one gives back what it wraps, and one stored user key opens with each
 * master key that some need, the first included: it may be of another installation and have the same name. Cheap enough for a readiness check; never rejects for a key.
 */
export function keyHealth({ db, keys, clock }: { db: Db; keys: KeyProvider; clock: { now(): number } }) {
  let known: { until: number; answer: Promise<KeyHealth> } | undefined;
  return async (): Promise<KeyHealth> => {
    const now = clock.now();
    if (!known || now >= known.until) {
      const fresh = { until: now + KEEP_MS, answer: inSystemScope(() => look(now)) };
      known = fresh;
      fresh.answer.then(
        ({ ok }) => {
          if (!ok) fresh.until = now + KEEP_WRONG_MS;
        },
        () => {
          fresh.until = now; // the database did not answer: that is told, and asked again
        },
      );
    }
    return await known.answer;
  };

  async function look(at: number): Promise<KeyHealth> {
    const first = keys.names[0]!;
    let current: string | undefined;
    const wraps = async () => {
      current = await currentKid(keys);
    };
    const states = [{ kid: first, state: await codeOf(wraps) }];
    const needed = (await kidsInUse(db)).filter((kid) => current || nameOf(kid) !== first);
    const more = await Promise.all(needed.map(async (kid) => ({ kid, state: await opens(db, keys, kid) })));
    states.push(...more.filter(({ kid, state }) => kid !== current || state !== "ok"));
    return { ok: states.every(({ state }) => state === "ok"), at, keys: states };
  }
}

/** Whether this master key opens a user key that it is said to have wrapped. */
async function opens(db: Db, keys: KeyProvider, kid: string): Promise<"ok" | VaultErrorCode> {
  const row = await someUserKey(db, kid);
  return await codeOf(async () => row && (await keys.unwrap(kid, row.wrapped, userKeyBound(row))).fill(0));
}

/** "ok", or why not. */
export async function codeOf(ask: () => Promise<unknown>): Promise<"ok" | VaultErrorCode> {
  try {
    await ask();
    return "ok";
  } catch (error) {
    if (error instanceof VaultError) return error.code;
    throw error;
  }
}
