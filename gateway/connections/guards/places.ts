import { ToolError } from "../../../runtime/index.ts";

/** How many requests of one connection, vendor or organisation may run at once, and how many more may wait. */
export interface Bound {
  readonly running: number;
  readonly waiting: number;
}

/** A request counts against each of its claims and starts when there is a place in all of them. */
export interface Claim {
  readonly key: string;
  readonly bound: Bound;
  /** For people: `this connection`. */
  readonly whose: string;
}

export interface Places {
  /**
   * Resolves when the request may start; what it resolves to is called when it has ended.
   * @throws ToolError RATE_LIMITED at once when too many wait, or after the longest wait; the signal's reason when it aborts
   */
  enter(claims: readonly Claim[], about: { vendor: string; signal?: AbortSignal }): Promise<() => void>;
  /** Whoever waits with this claim gets this error in place of a place. */
  turnAway(key: string, reason: () => Error): void;
  readonly running: number;
  readonly waiting: number;
}

interface Waiting {
  readonly claims: readonly Claim[];
  start(): void;
  refuse(reason: unknown): void;
}

const MOST_WAITING = 1_000;
const LONGEST_WAIT_MS = 20_000;
const COME_BACK_SECONDS = 5;

/** One line for all. Whoever cannot start yet holds up nobody behind: places that are full are full for their own claims alone. */
export function createPlaces({ most = MOST_WAITING, waitMs = LONGEST_WAIT_MS } = {}): Places {
  const line = new Set<Waiting>();
  const running = new Map<string, number>();
  const waiting = new Map<string, number>();
  let started = 0;

  const add = (counts: Map<string, number>, claims: readonly Claim[], by: 1 | -1) => {
    for (const { key } of claims) {
      const count = (counts.get(key) ?? 0) + by;
      if (count > 0) counts.set(key, count);
      else counts.delete(key);
    }
  };
  const isFree = (claims: readonly Claim[]) =>
    claims.every(({ key, bound }) => (running.get(key) ?? 0) < bound.running);

  function take(claims: readonly Claim[]): () => void {
    add(running, claims, 1);
    started++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      add(running, claims, -1);
      started--;
      for (const one of line) if (isFree(one.claims)) one.start();
    };
  }

  return {
    async enter(claims, { vendor, signal }) {
      if (signal?.aborted) throw signal.reason;
      if (isFree(claims)) return take(claims);
      const full = claims.find(({ key, bound }) => (waiting.get(key) ?? 0) >= bound.waiting);
      if (full || line.size >= most) throw busy(vendor, full?.whose ?? "this gateway");
      return await new Promise<() => void>((resolve, reject) => {
        const settle = (then: () => void) => {
          line.delete(one);
          add(waiting, claims, -1);
          clearTimeout(timer);
          signal?.removeEventListener("abort", cancel);
          then();
        };
        const one: Waiting = {
          claims,
          start: () => settle(() => resolve(take(claims))),
          refuse: (reason) => settle(() => reject(reason)),
        };
        const cancel = () => one.refuse(signal?.reason);
        const narrow = () => claims.find(({ key, bound }) => (running.get(key) ?? 0) >= bound.running);
        const timer = setTimeout(() => one.refuse(busy(vendor, narrow()?.whose ?? "this gateway")), waitMs);
        signal?.addEventListener("abort", cancel, { once: true });
        add(waiting, claims, 1);
        line.add(one);
      });
    },

    turnAway(key, reason) {
      for (const one of line) if (one.claims.some((claim) => claim.key === key)) one.refuse(reason());
    },

    get running() {
      return started;
    },
    get waiting() {
      return line.size;
    },
  };
}

const busy = (vendor: string, whose: string) =>
  new ToolError("RATE_LIMITED", `Too many requests to ${vendor} are under way for ${whose}. Nothing was sent.`, {
    retryAfterSeconds: COME_BACK_SECONDS,
    advice: "Wait, then call again; make fewer calls at once.",
  });
