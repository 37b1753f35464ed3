import {
  createLimiter,
  type LabelStore,
  type Limiter,
  type Limits,
  memoryLabels,
  memoryTokens,
  type TokenStore,
} from "../../runtime/index.ts";
import type { Connection } from "../database/connections.ts";
import { createPools, type Pools } from "./pools.ts";

/** What the calls of one connection share: the vendor's budget, and the vendor tokens minted from its keys. */
export interface Lane {
  readonly limiter: Limiter;
  /** The limiter of a database that the connection turns out to lead to. */
  limiterOf(database: string): Limiter;
  readonly tokens: TokenStore;
  /** What this account calls its ids. */
  readonly labels: LabelStore;
}

export interface Lanes {
  /** The lane of exactly this version of the keys: replacing them gives a fresh one, and the old one is gone. */
  of(connection: Pick<Connection, "id" | "version" | "org_id" | "vendor">, limits: Limits): Lane;
  /** For keys that are not stored yet: the budgets that others have a part in hold for a test too. */
  visit(visitor: Pick<Connection, "org_id" | "vendor">, limits: Limits): Pick<Lane, "limiter" | "limiterOf">;
  drop(connectionId: string): void;
}

const MAX_LANES = 10_000;

export function createLanes({ now, max = MAX_LANES }: { now: () => number; max?: number }): Lanes {
  const lanes = new Map<string, Lane & { version: number }>();
  const pools = createPools({ now, max });
  const budgets = ({ org_id: org, vendor }: Pick<Connection, "org_id" | "vendor">, limits: Limits) => ({
    limiter: limiterFor(limits, { vendor, org, pools, now }),
    limiterOf: (database: string) => pools.of(`${vendor} ${database}`, limits).of(org),
  });
  return {
    visit: budgets,
    of(connection, limits) {
      const { id, version } = connection;
      const known = lanes.get(id);
      lanes.delete(id); // and back in at the end: the map's order is that of last use
      const lane =
        known?.version === version
          ? known
          : {
              version,
              ...budgets(connection, limits),
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

interface Whose {
  readonly vendor: string;
  readonly org: string;
  readonly pools: Pools;
  now(): number;
}

/** A budget of our address is one for all organisations, who share it fairly; so many at a time each connection has alone. */
function limiterFor(limits: Limits, { vendor, org, pools, now }: Whose): Limiter {
  if (limits.by !== "address") return createLimiter(limits, { now });
  const { concurrency, concurrencyBy, ...budgets } = limits;
  const own = createLimiter({ concurrency, concurrencyBy }, { now });
  const shared = pools.of(vendor, budgets).of(org);
  return {
    run: (kind, work, signal, entity) => own.run(kind, () => shared.run(kind, work, signal, entity), signal, entity),
    pause: (ms) => shared.pause(ms),
  };
}
