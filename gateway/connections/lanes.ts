import {
  createLimiter,
  type Guard,
  type LabelStore,
  type Limiter,
  type Limits,
  memoryLabels,
  memoryTokens,
  type TokenStore,
} from "../../runtime/index.ts";
import type { Connection } from "../database/connections.ts";
import { type BreakerTurn, createGuards, type Guards } from "./guards/guards.ts";
import { createPools, type Pools } from "./pools.ts";

/** What the calls of one connection share: the vendor's budget, what keeps them from each other, and the vendor tokens minted from its keys. */
export interface Lane {
  readonly guard: Guard;
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
  visit(visitor: Pick<Connection, "org_id" | "vendor">, limits: Limits): Pick<Lane, "limiter" | "limiterOf" | "guard">;
  readonly guards: Pick<Guards, "places" | "open">;
  drop(connectionId: string): void;
}

const MAX_LANES = 10_000;

interface Options {
  now(): number;
  readonly max?: number;
  /** A vendor stopped answering, or answers again. */
  onTurn?(turn: BreakerTurn): void;
  onBusy?(vendor: string): void;
}

export function createLanes({ now, max = MAX_LANES, onTurn = () => {}, onBusy = () => {} }: Options): Lanes {
  const lanes = new Map<string, Lane & { version: number }>();
  const pools = createPools({ now, max });
  const guards = createGuards({ now, onTurn, onBusy });
  const budgets = ({ org_id: org, vendor }: Pick<Connection, "org_id" | "vendor">, limits: Limits) => ({
    limiter: limiterFor(limits, { vendor, org, pools, now }),
    limiterOf: (database: string) => pools.of(`${vendor} ${database}`, limits).of(org),
  });
  function drop(connectionId: string) {
    lanes.delete(connectionId);
    guards.forget(connectionId);
  }

  return {
    guards,
    visit: (visitor, limits) => ({ ...budgets(visitor, limits), guard: guards.of(visitor) }),
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
              guard: guards.of(connection),
              tokens: memoryTokens({ max: 16, now }),
              labels: memoryLabels({ now }),
            };
      if (lane !== known) guards.forget(id);
      lanes.set(id, lane);
      if (lanes.size > max) drop(lanes.keys().next().value!);
      return lane;
    },
    drop,
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
