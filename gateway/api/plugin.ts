import type { FastifyInstance } from "fastify";
import approvals from "./approvals.ts";
import audit from "./audit.ts";
import { authenticateApi } from "./authenticate.ts";
import tools from "./tools.ts";

/** The REST API. Every route needs a token; what it may do is decided as for MCP. */
export async function api(app: FastifyInstance): Promise<void> {
  app.decorateRequest("apiCaller", undefined);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("cache-control", "no-store");
    await authenticateApi(app, request, reply);
  });
  await app.register(tools);
  await app.register(approvals);
  await app.register(audit);
}
