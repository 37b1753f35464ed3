import fp from "fastify-plugin";
import { createHealth, type Health } from "./report.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Whether this process can do its work, and why not. */
    readonly health: Health;
  }
}

export default fp(
  async (app) => {
    const health = createHealth(app);
    app.decorate("health", health);
    app.metrics.watch(app.metrics.ready, {}, async () => ((await health.status()) === "ok" ? 1 : 0));
  },
  {
    name: "health",
    dependencies: ["metrics", "database", "vault", "redis", "bus", "connections", "catalogs", "drain"],
  },
);
