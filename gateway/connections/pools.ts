import {
  createPool,
  createSpender,
  type Limits,
  type Pool,
  type SharedBudgets,
  spending,
} from "../../runtime/index.ts";

/** Budgets that organisations share, by what they are of: a vendor as seen from our address, or one database. */
export interface Pools {
  of(key: string, limits: Limits): Pool;
  /** Without one nothing is under way that could be paused. */
  known(key: string): Pool | undefined;
}

interface Options {
  readonly max: number;
  /** Where several processes count together. */
  readonly budgets?: SharedBudgets;
  now(): number;
}

/** At most `max`, the least used going first. */
export function createPools({ now, max, budgets }: Options): Pools {
  const pools = new Map<string, Pool>();
  return {
    of(key, limits) {
      const pool = pools.get(key) ?? poolOf(key, limits, { now, budgets });
      pools.delete(key);
      pools.set(key, pool);
      if (pools.size > max) pools.delete(pools.keys().next().value!);
      return pool;
    },
    known: (key) => pools.get(key),
  };
}

function poolOf(key: string, limits: Limits, { now, budgets }: Omit<Options, "max">): Pool {
  const pool = createPool(limits, { now });
  const spender = budgets && createSpender(limits, { key, budgets, now });
  return spender ? { of: (member) => spending(pool.of(member), spender) } : pool;
}
