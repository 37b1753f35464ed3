import {
  createLimiter,
  createSpender,
  type Guard,
  type LabelStore,
  type Limiter,
  type Limits,
  memoryLabels,
  memoryTokens,
  type SharedBudgets,
  spending,
  type TokenStore,
} from "../../runtime/index.ts";
import type { Connection } from "../database/connections.ts";
import { type BreakerTurn, createGuards, type Guards } from "./guards/guards.ts";
import { createPools } from "./pools.ts";

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
  /** Forgets what was not used for hours: people who are gone cost nothing. */
  dropIdle(): void;
  drop(connectionId: string): void;
  /** Another process was asked to pause. */
  pause(key: string, ms: number): void;
}

const MAX_LANES = 10_000;

/** Longer than any vendor's window: what a budget has spent by then does not count any more. */
const IDLE_MS = 2 * 3_600_000;

interface Options {
  now(): number;
  readonly max?: number;
  /** Where several processes count together. */
  readonly budgets?: SharedBudgets;
  /** A vendor asked for a pause, of a connection or of a pool; without saying for how long, if it did not. */
  onPause?(key: string, ms?: number): void;
  /** A vendor stopped answering, or answers again. */
  onTurn?(turn: BreakerTurn): void;
  onBusy?(vendor: string): void;
}

export function createLanes({
  now,
  max = MAX_LANES,
  budgets,
  onPause = () => {},
  onTurn = () => {},
  onBusy = () => {},
}: Options): Lanes {
  const lanes = new Map<string, Lane & { version: number; usedAt: number }>();
  const pools = createPools({ now, max, budgets });
  const guards = createGuards({ now, onTurn, onBusy });
  let isTold = false;
  const telling = (key: string, limiter: Limiter): Limiter => ({
    ...limiter,
    pause(ms) {
      limiter.pause(ms);
      if (!isTold) onPause(key, ms);
    },
  });
  const poolFor = (key: string, org: string, limits: Limits) => telling(key, pools.of(key, limits).of(org));
  const limitersOf = ({ org_id: org, vendor, id }: Visitor, limits: Limits) => ({
    limiter:
      limits.by === "address"
        ? inPool(limits, (shared) => poolFor(vendor, org, shared), now)
        : id === undefined
          ? createLimiter(limits, { now })
          : telling(id, alone(id, limits, { now, budgets })),
    limiterOf: (database: string) => poolFor(`${vendor} ${database}`, org, limits),
  });
  function drop(connectionId: string) {
    lanes.delete(connectionId);
    guards.forget(connectionId);
  }

  return {
    guards,
    visit: (visitor, limits) => ({ ...limitersOf(visitor, limits), guard: guards.of(visitor) }),
    of(connection, limits) {
      const { id, version } = connection;
      const known = lanes.get(id);
      lanes.delete(id); // and back in at the end: the map's order is that of last use
      const lane =
        known?.version === version
          ? known
          : {
              version,
              usedAt: now(),
              ...limitersOf(connection, limits),
              guard: guards.of(connection),
              tokens: memoryTokens({ max: 16, now }),
              labels: memoryLabels({ now }),
            };
      if (lane !== known) guards.forget(id);
      lane.usedAt = now();
      lanes.set(id, lane);
      if (lanes.size > max) drop(lanes.keys().next().value!);
      return lane;
    },
    drop,
    dropIdle() {
      for (const [id, { usedAt }] of lanes) {
        if (usedAt > now() - IDLE_MS) return; // and so are all that follow
        drop(id);
      }
    },
    pause(key, ms) {
      isTold = true;
      (lanes.get(key)?.limiter ?? pools.known(key)?.of(""))?.pause(ms);
      isTold = false;
    },
  };
}

type Visitor = Pick<Connection, "org_id" | "vendor"> & Partial<Pick<Connection, "id">>;

/** The budget of one account, which all processes spend together. */
function alone(id: string, limits: Limits, { now, budgets }: Pick<Options, "now" | "budgets">): Limiter {
  const limiter = createLimiter(limits, { now });
  const spender = budgets && limits.by !== "database" && createSpender(limits, { key: id, budgets, now });
  return spender ? spending(limiter, spender) : limiter;
}

/** A budget of our address is one for all organisations, who share it fairly; so many at a time each connection has alone. */
function inPool(limits: Limits, poolFor: (budgets: Limits) => Limiter, now: () => number): Limiter {
  const { concurrency, concurrencyBy, ...budgets } = limits;
  const own = createLimiter({ concurrency, concurrencyBy }, { now });
  const shared = poolFor(budgets);
  return {
    run: (kind, work, signal, entity) => own.run(kind, () => shared.run(kind, work, signal, entity), signal, entity),
    pause: (ms) => shared.pause(ms),
  };
}
