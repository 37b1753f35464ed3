import { ALLOWED, type Allowance, latestEnd, type Rate, refusal } from "../database/rate-counters.ts";

/** Where all processes count. */
export interface UseCounters {
  /** Counts so many uses at once. @returns how many there are in the window then, and when it ends */
  take(key: string, uses: number, rate: Rate, now: number): Promise<{ count: number; expiresAt: number }>;
  /** Counts down what was taken in the window that ends then, and not used; from `max`, where more were asked for than there were. */
  giveBack(key: string, uses: number, window: { max: number; expiresAt: number }): Promise<void>;
}

/** A key that is used again within this time takes uses ahead, and what is not used for so long is given back. */
export const HELD_MS = 1000;
/** Most of a limit that one process holds: what others may be refused too early, for as long as it is held. */
const MOST_AHEAD = 1 / 20;
const MOST_KEPT = 20_000;

interface Held {
  left: number;
  max: number;
  until: number;
  /** In the window of that end, the last count that is known. */
  count: number;
  takenAt: number;
  taken: number;
  usedAt: number;
  waiting: number;
  refusedUntil: number;
  taking?: Promise<Allowance> | undefined;
}

/**
 * Counts uses of busy keys several at a time. Every use was counted before it is allowed, so all processes together never allow
 * more than the limit; as long as one holds uses that it has not needed yet, others are refused that many too early.
 */
export function usesAhead({ take, giveBack }: UseCounters) {
  const kept = new Map<string, Held>();

  return {
    async use(key: string, rate: Rate, now: () => number): Promise<Allowance> {
      const held = kept.get(key) ?? nothingHeld();
      kept.delete(key); // and back in at the end: the map's order is that of last use
      kept.set(key, held);
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
      held.waiting++;
      try {
        while (!useOne(held, rate, now())) {
          const isMine = held.taking === undefined;
          held.taking ??= takeFor(key, held, rate, now()).finally(() => {
            held.taking = undefined;
          });
          const answer = await held.taking;
          if (!answer.allowed) return isMine ? answer : { ...answer, firstRefusal: false };
        }
        return ALLOWED;
      } finally {
        held.waiting--;
      }
    },

    /** Gives back what nobody needed for a while, or all of it. */
    async settle(now: number, all = false) {
      for (const [key, held] of kept) {
        const { left, max, until, usedAt, waiting } = held;
        if (waiting > 0 || (!all && usedAt > now - HELD_MS)) continue;
        held.left = 0;
        if (until <= now) kept.delete(key);
        else if (left > 0) await giveBack(key, left, { max, expiresAt: until });
      }
    },
  };

  async function takeFor(key: string, held: Held, rate: Rate, now: number): Promise<Allowance> {
    const uses = usesToTake(held, rate, now);
    const { count, expiresAt } = await take(key, uses, rate, now);
    const granted = Math.min(uses, rate.max - (count - uses));
    const left = Math.max(0, granted);
    Object.assign(held, { left, max: rate.max, until: expiresAt, count, takenAt: now, taken: uses });
    if (left > 0) return ALLOWED;
    const firstRefusal = held.refusedUntil !== expiresAt;
    held.refusedUntil = expiresAt;
    return { ...refusal(expiresAt, now), firstRefusal };
  }
}

const nothingHeld = (): Held => ({
  left: 0,
  max: 0,
  until: 0,
  count: 0,
  takenAt: Number.NEGATIVE_INFINITY,
  taken: 0,
  usedAt: 0,
  waiting: 0,
  refusedUntil: 0,
});

function useOne(held: Held, { windowMs }: Rate, now: number): boolean {
  if (held.left === 0 || held.until <= now || held.until > latestEnd(now, windowMs)) return false;
  held.left--;
  held.usedAt = now;
  return true;
}

/** As many as wait; twice as many as last time where that was a moment ago, but less and less the nearer the limit is. */
function usesToTake({ until, count, takenAt, taken, waiting }: Held, { max }: Rate, now: number): number {
  const left = until > now ? max - count : max;
  const ahead = now - takenAt < HELD_MS ? Math.min(taken * 2, Math.floor(left * MOST_AHEAD)) : 0;
  return Math.max(1, Math.min(left, Math.max(waiting, ahead)));
}
