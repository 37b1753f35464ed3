import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Decided, decide } from "../../approvals/decide.ts";
import { line, readForm } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import { requireSignIn } from "../session.ts";
import { memberOf } from "../settings-nav.ts";
import { framed } from "./frame.ts";
import { type Inbox, inboxOf } from "./inbox.ts";
import { type RequestPage, requestOf } from "./request.ts";
import standing from "./standing.ts";
import { whoOf } from "./who.ts";

declare module "../views.ts" {
  interface Views {
    approvals: Inbox & { organisation: string; first: boolean };
    approval: RequestPage & {
      organisation: string;
      token: string;
      longestNote: number;
      standing?: { token: string; maxHours: number; maxUses: number };
    };
  }
}

const LONGEST_NOTE = 500;
const Answer = z.object({ answer: z.enum(["approve", "deny"]), note: line });

/** `/approvals`: calls that wait for a person's yes. Deciding is possible here alone, in a browser that is signed in. */
export default async function approvals(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);
  await app.register(standing);

  app.get<{ Querystring: { before?: string } }>("/approvals", async (request, reply) => {
    const who = await whoOf(app, request);
    const before = typeof request.query.before === "string" ? request.query.before : "";
    const inbox = await inboxOf(app, who, before);
    const data = { ...inbox, organisation: who.organisation, first: before === "" };
    return await framed(app, request, reply, "approvals", data, "Approvals");
  });

  app.get<{ Params: { id: string } }>("/approvals/:id", async (request, reply) => await show(request, reply));

  app.post<{ Params: { id: string } }>("/approvals/:id", async (request, reply) => {
    const { id } = request.params;
    checkFormToken(app, request, `approval ${id}`);
    const read = Answer.safeParse(request.body);
    if (!read.success) throw new PageProblem(400, "Neither yes nor no", "Open the page again and decide.");
    const { viewer, decider } = await whoOf(app, request);
    const note = readForm(request, Answer.pick({ note: true }))
      .note.trim()
      .slice(0, LONGEST_NOTE);
    const { answer } = read.data;
    const decided = await decide(app.approvals, {
      org: viewer.org,
      id,
      answer,
      by: decider,
      note,
      requestId: request.id,
    });
    return told(reply, decided, id);
  });

  async function show(request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) {
    const who = await whoOf(app, request);
    const found = await requestOf(app, who, request.params.id);
    if (!found) throw unknown(who.organisation);
    const token = formToken(app, request, `approval ${request.params.id}`);
    const { standing } = (await policyOf(request)).approvals;
    const offer = found.standing && standing.maxHours > 0 && standing.maxUses > 0;
    const data = {
      ...found.shown,
      organisation: who.organisation,
      token,
      longestNote: LONGEST_NOTE,
      ...(offer && { standing: { ...standing, token: formToken(app, request, `standing ${request.params.id}`) } }),
    };
    return await framed(app, request, reply, "approval", data, found.shown.title);
  }

  async function policyOf(request: FastifyRequest) {
    const { org } = await memberOf(app, request);
    return (await app.policies.of(org.id, org.policy_version)).document;
  }

  function told(reply: FastifyReply, decided: Decided, id: string) {
    const back = `/approvals/${id}`;
    if (decided.kind === "unknown") throw unknown("your organisation");
    if (decided.kind === "refused" && decided.why === "fresh")
      return reply.redirect(`/login/again?next=${encodeURIComponent(back)}`, 303);
    leaveNotice(app, reply, noticeOf(decided));
    return reply.redirect(back, 303);
  }
}

/** The same for what is not there and for what is not theirs. */
const unknown = (organisation: string) =>
  new PageProblem(
    404,
    "No such request",
    `In ${organisation} there is none that you can see. It may be another person's, or of another of your organisations.`,
  );

function noticeOf(decided: Exclude<Decided, { kind: "unknown" }>) {
  switch (decided.kind) {
    case "approved":
      return { kind: "good", text: "Your yes is recorded." } as const;
    case "denied":
      return { kind: "good", text: "Denied. Nothing was changed." } as const;
    case "over":
      return { kind: "warn", text: "This was decided, or expired, meanwhile. Nothing was changed just now." } as const;
    case "outdated":
      return {
        kind: "warn",
        text: "Policy or connection changed since this was asked, so it cannot be approved any more. Tell the assistant to repeat the call.",
      } as const;
    case "refused":
      return { kind: "bad", text: "You may not approve this. Somebody else has to." } as const;
  }
}
