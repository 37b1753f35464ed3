import type { FastifyInstance } from "fastify";
import { runsInstallation } from "../identity/installation.ts";
import { requireRight } from "./authenticate.ts";

/** `GET /config`: what is set and where that came from, for whoever runs the installation; never a secret. */
export default async function config(app: FastifyInstance): Promise<void> {
  app.get("/config", async (request, reply) => {
    if (!(await requireRight(request, reply, "audit"))) return reply;
    const { orgId: org, role } = request.apiCaller!;
    if (!(await runsInstallation(app.db, { org, role })))
      return await reply.code(403).send({
        code: "FORBIDDEN",
        message: "The settings are for owners and admins of the organisation that runs this installation.",
        requestId: request.id,
      });
    return { settings: app.config.settings };
  });
}
