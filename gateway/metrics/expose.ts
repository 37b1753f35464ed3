import { createHash, timingSafeEqual } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { ConfigError } from "../config.ts";

/**
 * `GET /metrics`, closed unless the operator opens it: on a listener of its own with METRICS_PORT, and on the main one with
 * METRICS_TOKEN. Where there is a token, both ask for it. The listener also has a gateway's `/ready`, with its reasons.
 */
export default async function exposeMetrics(app: FastifyInstance): Promise<void> {
  const { port, host, token } = app.config.metrics;
  if (token !== undefined) await app.register(guarded(token, (scope) => figures(scope, app)));
  if (port === undefined) return;
  const listener = Fastify({ logger: false, forceCloseConnections: true });
  await listener.register(
    guarded(token, (scope) => {
      figures(scope, app);
      if (app.hasDecorator("health")) reasons(scope, app);
    }),
  );
  app.addHook("onReady", async () => {
    await listener.listen({ port, host, listenTextResolver: () => "" }).catch((error) => {
      if (error.code !== "EADDRINUSE") throw error;
      throw new ConfigError([
        `METRICS_PORT: port ${port} on ${host} is in use; stop the other process, or choose another`,
      ]);
    });
  });
  app.addHook("onClose", () => listener.close());
}

function figures(scope: FastifyInstance, { metrics }: FastifyInstance) {
  scope.get("/metrics", async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.contentType).header("cache-control", "no-store").send(text);
  });
}

function reasons(scope: FastifyInstance, { health }: FastifyInstance) {
  scope.get("/ready", async (_request, reply) => {
    const report = await health.report();
    reply.code(report.status === "ok" ? 200 : 503).header("cache-control", "no-store");
    return report;
  });
}

const guarded =
  (token: string | undefined, routes: (scope: FastifyInstance) => void) => async (scope: FastifyInstance) => {
    if (token !== undefined) scope.addHook("onRequest", demand(token));
    routes(scope);
  };

const demand = (token: string) => {
  const wanted = digest(`Bearer ${token}`);
  return async ({ headers, id }: FastifyRequest, reply: FastifyReply) => {
    if (timingSafeEqual(digest(headers.authorization ?? ""), wanted)) return;
    await reply
      .code(401)
      .headers({ "www-authenticate": "Bearer", "cache-control": "no-store" })
      .send({ code: "UNAUTHENTICATED", message: "Send METRICS_TOKEN as Authorization: Bearer.", requestId: id });
  };
};

const digest = (text: string) => createHash("sha256").update(text).digest();
