import { dirname } from "node:path";
import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import { makePrivateFolder } from "../config/secret-file.ts";
import { type Db, openDatabase } from "../database/index.ts";
import type { PoolState } from "../database/postgres.ts";
import { inRequestScope, newRequestScope, type RequestScope } from "../database/scope.ts";
import { holdServing } from "../database/serving.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Whose rows it reaches: of all organisations until its caller is known. */
    rowScope: RequestScope;
  }
  interface FastifyInstance {
    readonly db: Db;
  }
}

export default fp(
  async (app) => {
    for (const sentence of app.config.clearText) app.log.warn(sentence);
    const place = app.config.database;
    if (!("url" in place)) makePrivateFolder(dirname(place.file));
    const db = await openDatabase(place, {
      outside: "nothing",
      warn: (sentence) => app.log.warn(sentence),
      onPool: (pool) => watchPool(app, pool),
    });
    app.decorate("db", db);
    scopeRequests(app);
    app.addHook("onClose", () => db.destroy());
    const serving = await holdServing(place);
    app.addHook("onClose", () => serving.release());
  },
  { name: "database", dependencies: ["metrics"] },
);

function watchPool({ metrics }: FastifyInstance, pool: PoolState) {
  const { databaseConnections: gauge } = metrics;
  metrics.watch(gauge, { state: "used" }, () => pool.totalCount - pool.idleCount);
  metrics.watch(gauge, { state: "idle" }, () => pool.idleCount);
  metrics.watch(gauge, { state: "waiting" }, () => pool.waitingCount);
}

/** Again once the body is read, because its last piece arrives outside of what the first hook began. */
function scopeRequests(app: FastifyInstance) {
  app.decorateRequest("rowScope");
  app.addHook("onRequest", (request, _reply, done) => {
    request.rowScope = newRequestScope();
    inRequestScope(request.rowScope, done);
  });
  app.addHook("preValidation", (request, _reply, done) => inRequestScope(request.rowScope, done));
}
