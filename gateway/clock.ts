/** Milliseconds since 1970, as everything here counts them. */
export interface Clock {
  now(): number;
  /** What this machine says, whatever is followed. */
  machine(): number;
  /** How far the clock that is followed was ahead of this machine's; 0 while they agree. */
  readonly aheadMs: number;
  follow(aheadMs: number): void;
}

/**
 * This machine's clock, until it is told that the one which all replicas share says otherwise. From then on time is counted on
 * without the machine's: somebody will set that right, and until the next look it must not count twice.
 */
export function createClock(machine: () => number, elapsed: () => number = () => performance.now()): Clock {
  let aheadMs = 0;
  let begun = 0;
  return {
    now: () => (aheadMs === 0 ? machine() : Math.round(begun + elapsed())),
    machine,
    get aheadMs() {
      return aheadMs;
    },
    follow(ms) {
      aheadMs = ms;
      begun = machine() + ms - elapsed();
    },
  };
}

/** Below it clocks agree, as far as anybody can tell through a busy connection. */
const AGREE_MS = 2000;

/** @returns what to follow: whole milliseconds, 0 where the clocks agree */
export const worthFollowing = (aheadMs: number): number => (Math.abs(aheadMs) < AGREE_MS ? 0 : Math.round(aheadMs));

/** @returns for whoever runs it, what is wrong and the remedy; undefined while the clocks agree */
export function clockWords(aheadMs: number): string | undefined {
  if (aheadMs === 0) return undefined;
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  return `This machine's clock is ${seconds} s ${aheadMs > 0 ? "behind" : "ahead of"} the database's, which is used instead. Set it right (NTP) on whichever is wrong.`;
}
