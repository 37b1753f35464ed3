import fp from "fastify-plugin";
import { type Bus, createBus, type Ear } from "../bus/bus.ts";
import { redisTransport } from "../bus/redis.ts";
import { notifications } from "../database/notifications.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Tells other replicas: through Redis, or else PostgreSQL; a process with SQLite is alone. */
    readonly bus: Bus;
  }
}

export default fp(
  async (app) => {
    const { redis } = app;
    const { database } = app.config;
    const connect = redis
      ? (ear: Ear) => redisTransport(redis, ear)
      : "url" in database
        ? (ear: Ear) => notifications(database.url, ear)
        : undefined;
    const onTrouble = (err: unknown) => {
      app.metrics.busTroubles.inc();
      app.log.warn({ err }, "message to other replicas");
    };
    const bus = createBus({ connect, onTrouble });
    app.metrics.watch(app.metrics.busConnected, {}, () => (bus.hears() ? 1 : 0));
    app.decorate("bus", bus);
    app.addHook("onClose", () => bus.close());
  },
  { name: "bus", dependencies: ["database", "redis", "metrics"] },
);
