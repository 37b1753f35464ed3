import type { FastifyBaseLogger } from "fastify";
import fp from "fastify-plugin";
import { openRedis, type SharedRedis } from "../bus/redis.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** What replicas share, where the operator gave one. It may be away at any moment. */
    readonly redis: SharedRedis | undefined;
  }
}

export default fp(
  async (app) => {
    const { redis: url, publicUrl } = app.config;
    const redis = url ? await openRedis({ url, installation: publicUrl, ...told(app.log) }) : undefined;
    app.decorate("redis", redis);
    app.addHook("onClose", async () => redis?.close());
  },
  { name: "redis", decorators: { fastify: ["config"] } },
);

/** What Redis says to a password that is wrong, missing, or without rights. */
const REFUSED = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR (?:AUTH|invalid password))/;

/** Once each time, however many commands fail. */
const told = (log: FastifyBaseLogger) => ({
  onLost: (err: Error | undefined) =>
    REFUSED.test(err?.message ?? "")
      ? log.error(
          "REDIS_URL: the server refused user and password; the database does its work until they are corrected",
        )
      : log.error({ err }, "Redis is away; the database does its work"),
  onBack: () => log.info("Redis is back"),
});
