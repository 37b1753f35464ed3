import fp from "fastify-plugin";
import { countInMemory, countInRedis } from "../bus/counters.ts";
import { HELD_MS, usesAhead } from "../bus/uses-ahead.ts";
import {
  type Allowance,
  countUse,
  countUses,
  deleteExpiredCounters,
  type Rate,
  uncountUses,
} from "../database/rate-counters.ts";
import { inSystemScope } from "../database/scope.ts";
import { repeat } from "../repeat.ts";

export interface Limit extends Rate {
  /** Survives a restart, as a limit against guessing must. It is counted in the database. */
  durable?: boolean;
}

declare module "fastify" {
  interface FastifyInstance {
    /** Counts one use of `key` (`<what>:<whom>`, whom being an account, address, user, organisation or grant). */
    readonly limit: (key: string, limit: Limit) => Promise<Allowance>;
  }
}

const SWEEP_MS = 60_000;

/**
 * All replicas count together: in Redis, or else, and whenever it is away, in the database; a process alone counts in memory.
 * With each change of the place the windows begin anew, so a minute may then see twice its budget, never more.
 */
export default fp(
  async (app) => {
    const { db, redis, clock } = app;
    const isAlone = !("url" in app.config.database);
    const memory = countInMemory();
    const ahead = usesAhead({
      take: (key, uses, rate, now) => countUses(db, "call_counters", { key, uses, rate, now }),
      giveBack: (key, uses, window) => uncountUses(db, "call_counters", { key, uses, ...window }),
    });

    app.decorate("limit", async (key: string, limit: Limit) => {
      const use = await count(key, limit);
      if (!use.allowed) app.metrics.limitRefusals.inc({ limit: key.split(":", 1)[0]! });
      return use;
    });

    async function count(key: string, { durable, ...rate }: Limit): Promise<Allowance> {
      const now = clock.now();
      if (durable) return await countUse(db, key, rate, now);
      const counted = redis?.isUp() ? await countInRedis(redis, key, rate, now).catch(() => undefined) : undefined;
      if (counted) return counted;
      return isAlone ? memory.count(key, rate, now) : await ahead.use(key, rate, () => clock.now());
    }

    repeat(app, { everyMs: HELD_MS, what: "uses that nobody needed" }, () => ahead.settle(clock.now()));
    // They end with their window anyway.
    app.addHook("onClose", () => inSystemScope(() => ahead.settle(clock.now(), true)).catch(() => {}));

    repeat(app, { everyMs: SWEEP_MS, what: "sweep of counters" }, async () => {
      const now = clock.now();
      memory.forget(now);
      await deleteExpiredCounters(db, now);
    });
  },
  { name: "limits", dependencies: ["database", "redis", "metrics"] },
);
