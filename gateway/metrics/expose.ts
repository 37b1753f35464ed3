import { createHash, timingSafeEqual } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";

/**
 * `GET /metrics`, closed unless the operator opens it: on a listener of its own with METRICS_PORT, and on the main one with
 * METRICS_TOKEN. Where there is a token, both ask for it.
 */
export default async function exposeMetrics(app: FastifyInstance): Promise<void> {
  const { port, host, token } = app.config.metrics;
  if (token !== undefined) await app.register(routes(app, token));
  if (port === undefined) return;
  const listener = Fastify({ logger: false, forceCloseConnections: true });
  await listener.register(routes(app, token));
  app.addHook("onReady", async () => void (await listener.listen({ port, host, listenTextResolver: () => "" })));
  app.addHook("onClose", () => listener.close());
}

const routes = ({ metrics }: Pick<FastifyInstance, "metrics">, token: string | undefined) =>
  async function metricsRoutes(scope: FastifyInstance) {
    if (token !== undefined) scope.addHook("onRequest", demand(token));
    scope.get("/metrics", async (_request, reply) => {
      const text = await metrics.text();
      return reply.type(metrics.contentType).header("cache-control", "no-store").send(text);
    });
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
