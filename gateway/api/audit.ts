import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { alertFacts } from "../alerts/deliver.ts";
import { countExport, EXPORTS, exportAgain, exportStream, FORMATS, noteExport } from "../audit/export.ts";
import { placeText, type ReadFilter, readFilter, readPlace } from "../audit/filter.ts";
import { entityOf } from "../audit/sinks.ts";
import { listAlerts } from "../database/alerts.ts";
import { eachEvent, searchEvents } from "../database/audit-search.ts";
import type { Allowance } from "../database/rate-counters.ts";
import { rateHeaders } from "../oauth/rate-headers.ts";
import { requireRight } from "./authenticate.ts";

const Page = z.object({ limit: z.coerce.number().int().min(1).max(500).catch(100), cursor: z.string().optional() });
const Format = z.object({ format: z.enum(["jsonl", "csv", "ocsf"]).catch("jsonl") });

/** `/api/v1/audit`: an organisation's own trail, for whoever its token lets read it. */
export default async function audit(app: FastifyInstance): Promise<void> {
  app.get("/api/v1/audit", async (request, reply) => {
    if (!(await requireRight(request, reply, "audit"))) return reply;
    const read = readFilter(request.query);
    if (!read.ok) return await badQuery(request, reply, read);
    const { limit, cursor } = Page.parse(request.query);
    const { orgId } = request.apiCaller!;
    const page = { limit, after: readPlace(cursor) };
    const rows = await app.searching(orgId, () => searchEvents(app.db, orgId, read.filter, page).execute());
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return { events: rows.map(entityOf), ...(last && { next_cursor: placeText(last) }) };
  });

  app.get("/api/v1/audit/export", async (request, reply) => {
    if (!(await requireRight(request, reply, "audit"))) return reply;
    const read = readFilter(request.query);
    if (!read.ok) return await badQuery(request, reply, read);
    const use = await countExport(app, request.apiCaller!.orgId);
    if (!use.allowed) return await tooOften(request, reply, use);
    const { format } = Format.parse(request.query);
    const { orgId: org, userId: id, actorType: type } = request.apiCaller!;
    await noteExport(app, { org, actor: { id, type }, format, filter: read.filter, requestId: request.id });
    const { type: mediaType, extension } = FORMATS[format];
    return reply
      .header("content-disposition", `attachment; filename="audit.${extension}"`)
      .type(mediaType)
      .send(exportStream(eachEvent(app.db, org, read.filter), format));
  });

  app.get("/api/v1/alerts", async (request, reply) => {
    if (!(await requireRight(request, reply, "alerts"))) return reply;
    const rows = await listAlerts(app.db, request.apiCaller!.orgId, { states: ["open", "acknowledged"], limit: 500 });
    return { alerts: rows.map(alertFacts) };
  });
}

const tooOften = async (request: FastifyRequest, reply: FastifyReply, { retryAfterSeconds }: Allowance) =>
  await reply
    .code(429)
    .headers(rateHeaders(EXPORTS, retryAfterSeconds))
    .send({ code: "RATE_LIMITED", message: exportAgain(retryAfterSeconds), requestId: request.id });

const badQuery = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { problems: fields }: Extract<ReadFilter, { ok: false }>,
) => {
  const message = "A filter cannot be read.";
  return await reply.code(400).send({ code: "INVALID_INPUT", message, fields, requestId: request.id });
};
