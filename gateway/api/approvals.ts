import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Decided, decide } from "../approvals/decide.ts";
import { placeText, readPlace } from "../approvals/place.ts";
import { statusIn } from "../approvals/status.ts";
import { closedApprovals, pendingApprovals } from "../database/approval-inbox.ts";
import { type Approval, findApproval } from "../database/approvals.ts";
import { personBehind } from "../database/approvers.ts";
import { requireRight } from "./authenticate.ts";
import { badBody } from "./bad-body.ts";

const Query = z.object({
  status: z.enum(["pending", "closed"]).default("pending"),
  before: z.string().max(80).default(""),
});
const Answer = z.strictObject({ decision: z.enum(["approve", "deny"]), note: z.string().max(500).default("") });
const PAGE = 50;

/**
 * `/api/v1/approvals`: what waits, and deciding about it, for programs with the right `approve`. A token never says yes to a call
 * of the person behind it, nor to what wants a fresh sign-in: both need somebody at a browser.
 */
export default async function approvals(app: FastifyInstance): Promise<void> {
  app.get("/api/v1/approvals", async (request, reply) => {
    if (!(await requireRight(request, reply, "approve"))) return reply;
    const parsed = Query.safeParse(request.query);
    if (!parsed.success) return await badBody(request, reply, parsed.error);
    const { status, before } = parsed.data;
    const now = app.clock.now();
    const viewer = { org: request.apiCaller!.orgId, user: request.apiCaller!.userId, approves: true };
    const after = readPlace(before);
    const rows =
      status === "pending"
        ? await pendingApprovals(app.db, viewer, now, 100)
        : await closedApprovals(app.db, viewer, { now, limit: PAGE, ...(after && { after }) });
    const last = status === "closed" && rows.length === PAGE ? rows.at(-1) : undefined;
    return {
      approvals: rows.map((row) => shown(app, row)),
      ...(last && { next: placeText(last) }),
    };
  });

  app.post<{ Params: { id: string } }>("/api/v1/approvals/:id", async (request, reply) => {
    if (!(await requireRight(request, reply, "approve"))) return reply;
    const parsed = Answer.safeParse(request.body);
    if (!parsed.success) return await badBody(request, reply, parsed.error);
    const { orgId: org, userId, role, actorType } = request.apiCaller!;
    const { decision: answer, note } = parsed.data;
    const { id } = request.params;
    const approval = await findApproval(app.db, { id, org });
    if (!approval) return await refuse(request, reply, 404, "UNKNOWN_APPROVAL", "There is no such approval here.");
    if (!app.config.tokens.api)
      return await refuse(
        request,
        reply,
        403,
        "NO_TOKEN",
        "Without tokens nobody can be told apart: decide on the page.",
      );
    const [asked, asks] = await Promise.all([
      personBehind(app.db, org, approval.user_id),
      personBehind(app.db, org, userId),
    ]);
    if (answer === "approve" && asked === asks)
      return await refuse(
        request,
        reply,
        403,
        "SELF_APPROVAL",
        "A token cannot approve a call of the person behind it. Decide on the page, signed in, or let somebody else do it.",
      );
    const by = { id: userId, role, signedInAt: Number.NEGATIVE_INFINITY, actorType };
    const decided = await decide(app.approvals, { org, id, answer, by, note: note.trim(), requestId: request.id });
    return await told(request, reply, decided);
  });

  async function told(request: FastifyRequest, reply: FastifyReply, decided: Decided) {
    switch (decided.kind) {
      case "approved":
      case "denied":
        return shown(app, decided.approval);
      case "unknown":
        return await refuse(request, reply, 404, "UNKNOWN_APPROVAL", "There is no such approval here.");
      case "over":
        return await refuse(request, reply, 409, "DECIDED", "It was decided, used or expired meanwhile.");
      case "outdated":
        return await refuse(request, reply, 409, "OUTDATED", "Policy or connection changed since it was asked.");
      case "refused":
        return decided.why === "fresh"
          ? await refuse(
              request,
              reply,
              403,
              "FRESH_SIGN_IN",
              "This wants somebody who has just signed in: decide on the page.",
            )
          : await refuse(request, reply, 403, "FORBIDDEN", "Somebody else has to approve this.");
    }
  }
}

/** Without arguments: they are on the page, for people. */
function shown({ clock, config }: FastifyInstance, row: Approval) {
  return {
    id: row.id,
    ...statusIn(row, clock.now()),
    vendor: row.vendor,
    access: row.access,
    needs: row.needs,
    requested_by: row.user_id,
    client: row.client_id,
    created_at: new Date(row.created_at).toISOString(),
    url: `${config.publicUrl}/approvals/${row.id}`,
  };
}

const refuse = async (request: FastifyRequest, reply: FastifyReply, status: number, code: string, message: string) =>
  await reply.code(status).send({ code, message, requestId: request.id });
