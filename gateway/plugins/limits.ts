import fp from "fastify-plugin";
import { type Allowance, allowance, countUse, deleteExpiredCounters, type Rate } from "../database/rate-counters.ts";

export interface Limit extends Rate {
  /** Survives a restart, as a limit against guessing must. Others are counted in memory when there is one process. */
  durable?: boolean;
}

declare module "fastify" {
  interface FastifyInstance {
    /** Counts one use of `key` (`<what>:<whom>`, whom being an account, address, user, organisation or grant). */
    readonly limit: (key: string, limit: Limit) => Promise<Allowance>;
  }
}

const SWEEP_MS = 60_000;

export default fp(
  async (app) => {
    const shared = "url" in app.config.database;
    const counters = new Map<string, { count: number; expiresAt: number }>();

    app.decorate("limit", async (key: string, limit: Limit) => {
      const use = shared || limit.durable ? await countUse(app.db, key, limit, app.clock.now()) : inMemory(key, limit);
      if (!use.allowed) app.metrics.limitRefusals.inc({ limit: key.split(":", 1)[0]! });
      return use;
    });

    function inMemory(key: string, { max, windowMs }: Rate): Allowance {
      const now = app.clock.now();
      const known = counters.get(key);
      const counter = known && known.expiresAt > now ? known : { count: 0, expiresAt: now + windowMs };
      counters.set(key, counter);
      counter.count++;
      return allowance(counter.count, counter.expiresAt, max, now);
    }

    const sweep = setInterval(() => {
      const now = app.clock.now();
      for (const [key, { expiresAt }] of counters) if (expiresAt <= now) counters.delete(key);
      deleteExpiredCounters(app.db, now).catch((err) => app.log.error({ err }, "sweep of counters"));
    }, SWEEP_MS).unref();
    app.addHook("onClose", async () => clearInterval(sweep));
  },
  { name: "limits", dependencies: ["database", "metrics"] },
);
