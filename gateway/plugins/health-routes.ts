import cookie from "@fastify/cookie";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { callerOfApi } from "../api/authenticate.ts";
import { runsInstallation } from "../identity/installation.ts";
import { readSession } from "../pages/session.ts";

/**
 * `/health` is 200 for as long as the process answers: an orchestrator that restarts it for a database that is away makes nothing
 * better. `/ready` is 503 when requests should go elsewhere. Both say one word, and the reasons to whoever runs the installation.
 */
export default async function healthRoutes(app: FastifyInstance): Promise<void> {
  await app.register(cookie);
  app.get("/health", async (request, reply) => answer(request, reply));
  app.get("/ready", async (request, reply) => {
    if ((await app.health.status()) !== "ok") reply.code(503);
    return await answer(request, reply);
  });

  async function answer(request: FastifyRequest, reply: FastifyReply) {
    reply.header("cache-control", "no-store");
    const status = await app.health.status();
    // Who asks is known from the database; without it nobody is told more.
    return (await isOperator(app, request).catch(() => false)) ? await app.health.report() : { status };
  }
}

async function isOperator(app: FastifyInstance, request: FastifyRequest): Promise<boolean> {
  if (request.headers.authorization !== undefined) {
    const caller = await callerOfApi(app, request);
    if (!caller?.rights.has("audit")) return false;
    return await runsInstallation(app.db, { org: caller.orgId, role: caller.role });
  }
  await readSession(app, request);
  const { session, orgs = [] } = request.signedIn ?? {};
  const org = orgs.find(({ id }) => id === session?.orgId);
  return org !== undefined && (await runsInstallation(app.db, { org: org.id, role: org.role }));
}
