import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { DEFAULT_NOTICES, MAIL } from "../../approvals/notices.ts";
import { asText, HIDDEN } from "../../approvals/preview.ts";
import { endStandingApproval, fixedValues, makeStanding, type StandingMade } from "../../approvals/standing.ts";
import { findWebhook } from "../../database/audit-webhooks.ts";
import { findNotices, putNotices } from "../../database/outbox.ts";
import { namesOf } from "../../database/people-names.ts";
import { listStanding, type Standing } from "../../database/standing-approvals.ts";
import { mayLookAfter } from "../../policy/roles.ts";
import { line, readForm, several } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { askAgain } from "../fresh.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import { requireSignIn } from "../session.ts";
import { memberOf } from "../settings-nav.ts";
import type { State } from "../views.ts";
import { ago, count } from "../words.ts";
import { framed } from "./frame.ts";
import { whoOf } from "./who.ts";
import { left } from "./words.ts";

declare module "../views.ts" {
  interface Views {
    standing: {
      organisation: string;
      standing: readonly {
        id: string;
        title: string;
        vendor: string;
        who: string;
        client: string;
        fixed: readonly { name: string; value: string }[];
        free: string;
        state: State;
        used: string;
        until: string;
        token?: string;
      }[];
      notices?: {
        token: string;
        webhook: boolean;
        hasWebhook: boolean;
        hasMail: boolean;
        mail: readonly { value: string; label: string; checked: boolean }[];
      };
    };
  }
}

const Wish = z.object({ fixed: several, hours: line, uses: line });
const Notices = z.object({ webhook: line, mail: line });

/** `/approvals/standing`: what was allowed beforehand, and who is told about what waits. */
export default async function standing(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.get("/approvals/standing", async (request, reply) => await show(request, reply));

  app.post<{ Params: { id: string } }>("/approvals/:id/standing", async (request, reply) => {
    const { id } = request.params;
    checkFormToken(app, request, `standing ${id}`);
    const { org } = await memberOf(app, request);
    const { decider } = await whoOf(app, request);
    const { fixed, hours, uses } = readForm(request, Wish);
    const { document } = await app.policies.of(org.id, org.policy_version);
    const made = await makeStanding(app.approvals, {
      org: org.id,
      approval: id,
      by: decider,
      fixed,
      hours: Number(hours),
      uses: Number(uses),
      bounds: document.approvals.standing,
      requestId: request.id,
    });
    if (made.kind === "refused") return refused(request, reply, made.why, id);
    leaveNotice(app, reply, { kind: "good", text: "Allowed beforehand. You can end it here at any time." });
    return reply.redirect("/approvals/standing", 303);
  });

  app.post<{ Params: { id: string } }>("/approvals/standing/:id/end", async (request, reply) => {
    const { id } = request.params;
    checkFormToken(app, request, `end ${id}`);
    const { viewer, decider } = await whoOf(app, request);
    const ended = await endStandingApproval(app.approvals, { org: viewer.org, id, by: decider, requestId: request.id });
    if (!ended) throw new PageProblem(404, "Nothing to end", "It has ended already, or it is not yours to end.");
    leaveNotice(app, reply, { kind: "good", text: "Ended. The next such call asks again." });
    return reply.redirect("/approvals/standing", 303);
  });

  app.post("/approvals/notices", async (request, reply) => {
    checkFormToken(app, request, "notices");
    const { org, user } = await memberOf(app, request);
    if (!mayLookAfter(org.role, "policy")) throw new PageProblem(403, "Not yours to change", "Ask an owner or admin.");
    const { webhook, mail } = readForm(request, Notices);
    const chosen = {
      webhook: webhook === "on" ? 1 : 0,
      mail: isMail(Number(mail)) ? Number(mail) : DEFAULT_NOTICES.mail,
    };
    await app.audit.atomically(async (trx, record) => {
      await putNotices(trx, { org_id: org.id, ...chosen });
      const actor = { id: user.id, type: "user" } as const;
      await record({
        org: org.id,
        type: "approval.notices",
        actor,
        status: "success",
        detail: chosen,
        requestId: request.id,
      });
    });
    leaveNotice(app, reply, { kind: "good", text: "Saved." });
    return reply.redirect("/approvals/standing", 303);
  });

  async function show(request: FastifyRequest, reply: FastifyReply) {
    const { viewer, organisation } = await whoOf(app, request);
    const { org } = await memberOf(app, request);
    const rows = await listStanding(app.db, { org: viewer.org, ...(!viewer.approves && { user: viewer.user }) });
    const names = await namesOf(app.db, viewer.org, rows.map(({ user_id }) => user_id)); // biome-ignore format: one thought
    const now = app.clock.now();
    const shown = rows.map(async (row) => {
      const vendor = app.vendors.get(row.vendor);
      const tool = app.catalogs.all.tools.get(row.tool)?.tool;
      const state = stateOf(row, { now, policyVersion: org.policy_version });
      return {
        id: row.id,
        title: tool?.title ?? row.tool,
        vendor: vendor?.title ?? row.vendor,
        who: row.user_id === viewer.user ? "You" : (names.get(row.user_id) ?? "A program"),
        client: row.client_name,
        fixed: Object.entries(await fixedValues(app.approvals, row)).map(([name, value]) => ({
          name,
          value: shownValue(tool?.secrets?.includes(name) === true, value),
        })),
        free: (JSON.parse(row.free_names) as string[]).join(", "),
        state,
        used: `${row.uses} of ${count(row.max_uses, "use")}`,
        until: row.ended_at === null ? left(row.expires_at, now) : `ended ${ago(row.ended_at, now)}`,
        ...(state.kind === "good" && { token: formToken(app, request, `end ${row.id}`) }),
      };
    });
    const data = {
      organisation,
      standing: await Promise.all(shown),
      ...(mayLookAfter(org.role, "policy") && { notices: await noticesOf(request, org.id) }),
    };
    return await framed(app, request, reply, "standing", data, "Standing approvals");
  }

  async function noticesOf(request: FastifyRequest, org: string) {
    const { webhook, mail } = (await findNotices(app.db, org)) ?? DEFAULT_NOTICES;
    return {
      token: formToken(app, request, "notices"),
      webhook: webhook === 1,
      hasWebhook: (await findWebhook(app.db, org)) !== undefined,
      hasMail: app.config.mail !== undefined,
      mail: MAIL_WORDS.map(({ value, label }) => ({ value: String(value), label, checked: value === mail })),
    };
  }

  function refused(
    request: FastifyRequest,
    reply: FastifyReply,
    why: Extract<StandingMade, { kind: "refused" }>["why"],
    id: string,
  ) {
    const back = `/approvals/${id}`;
    if (why === "fresh") {
      const { hours, uses } = readForm(request, Wish);
      const bounds = `For ${count(Number(hours), "hour")}, at most ${count(Number(uses), "time")}, with the values you kept.`;
      const goOn = { heading: "Allow the same for a while?", consequences: [bounds], button: "Allow beforehand", back };
      return askAgain(app, request, reply, { goOn });
    }
    if (why === "unknown")
      throw new PageProblem(404, "No such request", "Only what was approved can be allowed beforehand.");
    leaveNotice(app, reply, { kind: "bad", text: REFUSALS[why] });
    return reply.redirect(back, 303);
  }
}

/** A text that is sent is seen here as on the page of its request: secrets never, and nothing hidden in it. */
function shownValue(isSecret: boolean, value: unknown): string {
  const text = asText(value);
  if (isSecret) return HIDDEN;
  return text.length <= 120 ? text : `${text.slice(0, 120).toWellFormed()}…`;
}

const REFUSALS = {
  access: "Only changes can be allowed beforehand, nothing that deletes, runs or reveals.",
  role: "Your role may not allow this beforehand.",
  bounds: "That is longer, or more often, than your organisation's policy lets anybody allow.",
  outdated: "Policy or connection changed since, so this cannot be allowed beforehand.",
} as const;

const MAIL_WORDS = [
  { value: MAIL.never, label: "Nobody" },
  { value: MAIL["for-others"], label: "Approvers, about what needs another person" },
  { value: MAIL.always, label: "Approvers, about every request of others" },
];

const isMail = (value: number) => MAIL_WORDS.some((one) => one.value === value);

function stateOf(row: Standing, { now, policyVersion }: { now: number; policyVersion: number }): State {
  if (row.ended_at !== null) return { kind: "", text: "Ended" };
  if (row.expires_at <= now) return { kind: "", text: "Over" };
  if (row.uses >= row.max_uses) return { kind: "", text: "Used up" };
  if (row.policy_version !== policyVersion) return { kind: "", text: "No longer fits" };
  return { kind: "good", text: "In force" };
}
