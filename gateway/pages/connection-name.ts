import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Connection, findConnection } from "../connections/connections.ts";
import { renameConnection } from "../connections/sharing.ts";
import { type Field, field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { requireSignIn } from "./session.ts";
import { memberOf } from "./settings-nav.ts";

declare module "./views.ts" {
  interface Views {
    "connection-name": { vendor: string; id: string; token: string; fields: readonly Field[] };
  }
}

const HERE = "/settings/vendors/name";

/** `/settings/vendors/name`: another name for a connection of one's own. */
export default async function connectionName(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.get<{ Querystring: { connection?: unknown } }>(HERE, async (request, reply) =>
    show(request, reply, await own(request, String(request.query.connection ?? ""))),
  );

  app.post(HERE, async (request, reply) => {
    checkFormToken(app, request, "connection-name");
    const { connection: id, label } = readForm(request, z.object({ connection: line, label: line }));
    const connection = await own(request, id);
    const renamed = await renameConnection(app, connection, {
      label,
      actor: connection.owner_id,
      requestId: request.id,
    });
    if (!renamed) return show(request, reply, connection, "Please give a name.");
    leaveNotice(app, reply, { kind: "good", text: "The connection has its new name." });
    return reply.redirect("/settings/vendors", 303);
  });

  async function own(request: FastifyRequest, id: string): Promise<Connection> {
    const { owner } = await memberOf(app, request);
    const connection = await findConnection(app.db, { ...owner, id });
    if (!connection)
      throw new PageProblem(404, "No such connection", "It was revoked, or it belongs to somebody else.");
    return connection;
  }

  function show(request: FastifyRequest, reply: FastifyReply, { id, vendor, label }: Connection, error?: string) {
    const data = {
      vendor: app.vendors.get(vendor)?.title ?? vendor,
      id,
      token: formToken(app, request, "connection-name"),
      fields: [field({ name: "label", label: "Name", value: label, error, focus: true })],
    };
    return page(reply, "connection-name", data, { title: "Rename", narrow: true, status: error ? 422 : 200 });
  }
}
