import fp from "fastify-plugin";
import type { Lock } from "../calls/catalog.ts";
import { type Catalogs, catalogsOf } from "../calls/catalogs.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** The tools that are served, whatever the way in. */
    readonly catalogs: Catalogs;
  }
}

export default fp<{ lock: Lock }>(async (app, { lock }) => void app.decorate("catalogs", catalogsOf(app, lock)), {
  name: "catalogs",
  decorators: { fastify: ["config", "vendors", "across"] },
});
