import fp from "fastify-plugin";
import manifest from "../../package.json" with { type: "json" };
import type { AuditEventRow } from "../database/schema.ts";
import { createResultCache, type ResultCache } from "../results/cache.ts";
import { createGenerations } from "../results/generations.ts";
import { resultKeys } from "../results/keys.ts";
import { memoryStore, redisStore } from "../results/stores.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Answers of reads that may be some minutes old. */
    readonly results: ResultCache & { readonly release: string };
  }
}

const TOPIC = "results-drop";

/** What an organisation keeps goes when its keys, its rules or its people change, also where it could not be found any more. */
const DROPS =
  /^(?:connection\.(?:replace|revoke)|policy\.|member\.(?:remove|leave|limit)|org\.delete|account\.delete|customer\.)/;

export default fp(
  async (app) => {
    const { db, redis, log, bus, audit, metrics } = app;
    const now = () => app.clock.now();
    const keys = resultKeys(app.keys);
    const memory = memoryStore({ now });
    const shared = redis && redisStore(redis, keys);
    const results = createResultCache({
      generations: createGenerations({ db, log, now }),
      keys,
      store: () => (shared && redis.isUp() ? shared : memory),
      count: (vendor, result) => metrics.cache.inc({ vendor, result }),
      log,
      now,
    });
    app.decorate("results", { ...results, release: manifest.version });

    bus.subscribe(TOPIC, (org) => void memory.drop(org as string));
    audit.addSink({
      write(rows: readonly AuditEventRow[]) {
        for (const org of new Set(rows.filter(({ type }) => DROPS.test(type)).map((row) => row.org_id))) {
          bus.publish(TOPIC, org);
          // One walk through all of Redis, not one by each replica.
          if (shared && redis.isUp()) shared.drop(org).catch((err: unknown) => log.warn({ err }, "cache of results"));
        }
      },
      close: async () => {},
    });
  },
  { name: "results", dependencies: ["database", "redis", "bus", "keys", "audit", "metrics"] },
);
