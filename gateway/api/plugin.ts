import { hostHeaderValidation, originValidation } from "@modelcontextprotocol/fastify";
import type { FastifyInstance } from "fastify";
import { refuseDeepBody } from "../calls/depth.ts";
import { publicHosts } from "../config/hosts.ts";
import approvals from "./approvals.ts";
import audit from "./audit.ts";
import { authenticateApi } from "./authenticate.ts";
import config from "./config.ts";
import tools from "./tools.ts";

/** The REST API. Every route needs a token; what it may do is decided as for MCP. */
export async function api(app: FastifyInstance): Promise<void> {
  app.decorateRequest("apiCaller", undefined);
  if (!app.config.tokens.api) {
    // Without tokens whoever reaches the port is the owner: a page in the owner's browser must not.
    const hosts = publicHosts(app.config.publicUrl);
    app.addHook("onRequest", hostHeaderValidation(hosts));
    app.addHook("onRequest", originValidation(hosts));
  }
  app.addHook("preHandler", refuseDeepBody);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("cache-control", "no-store");
    await authenticateApi(app, request, reply);
  });
  await app.register(tools);
  await app.register(approvals);
  await app.register(audit);
  await app.register(config);
}
