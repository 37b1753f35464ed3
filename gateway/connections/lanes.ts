import {
  createLimiter,
  type LabelStore,
  type Limiter,
  type Limits,
  memoryLabels,
  memoryTokens,
  type TokenStore,
} from "../../runtime/index.ts";

/** What the calls of one connection share: the vendor's budget, and the vendor tokens minted from its keys. */
export interface Lane {
  readonly limiter: Limiter;
  readonly tokens: TokenStore;
  /** What this account calls its ids. */
  readonly labels: LabelStore;
}

export interface Lanes {
  /** The lane of exactly this version of the keys: replacing them gives a fresh one, and the old one is gone. */
  of(connection: { id: string; version: number }, limits: Limits): Lane;
  drop(connectionId: string): void;
}

const MAX_LANES = 10_000;

export function createLanes({ now, max = MAX_LANES }: { now: () => number; max?: number }): Lanes {
  const lanes = new Map<string, Lane & { version: number }>();
  return {
    of({ id, version }, limits) {
      const known = lanes.get(id);
      lanes.delete(id); // and back in at the end: the map's order is that of last use
      const lane =
        known?.version === version
          ? known
          : {
              version,
              limiter: createLimiter(limits, { now }),
              tokens: memoryTokens({ max: 16, now }),
              labels: memoryLabels({ now }),
            };
      lanes.set(id, lane);
      if (lanes.size > max) lanes.delete(lanes.keys().next().value!);
      return lane;
    },
    drop: (connectionId) => void lanes.delete(connectionId),
  };
}
