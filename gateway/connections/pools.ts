import { createPool, type Limits, type Pool } from "../../runtime/index.ts";

/** Budgets that organisations share, by what they are of: a vendor as seen from our address, or one database. */
export interface Pools {
  of(key: string, limits: Limits): Pool;
}

/** At most `max`, the least used going first. */
export function createPools({ now, max }: { now: () => number; max: number }): Pools {
  const pools = new Map<string, Pool>();
  return {
    of(key, limits) {
      const pool = pools.get(key) ?? createPool(limits, { now });
      pools.delete(key);
      pools.set(key, pool);
      if (pools.size > max) pools.delete(pools.keys().next().value!);
      return pool;
    },
  };
}
