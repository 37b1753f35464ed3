import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { problemWithUrl, removeWebhook, saveWebhook, testWebhook } from "../../alerts/webhook-settings.ts";
import type { AuditWebhookRow } from "../../database/schema.ts";
import { line, readForm } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import { adminOf, adminPage } from "./frame.ts";

declare module "../views.ts" {
  interface Views {
    "admin-webhook-secret": { secret: string };
  }
}

export interface WebhookForm {
  readonly token: string;
  readonly problem?: string;
  readonly url: string;
  readonly events: boolean;
  readonly alerts: boolean;
  /** Where there is one to try and to remove. */
  readonly exists?: { readonly test: string; readonly remove: string };
}

/** What was typed, and why it cannot be used. */
export interface RefusedWebhook {
  readonly problem: string;
  readonly url: string;
  readonly events: boolean;
  readonly alerts: boolean;
}

interface Options {
  /** The page of the form once more, so that what was typed is not lost. */
  again(request: FastifyRequest, reply: FastifyReply, refused: RefusedWebhook): Promise<FastifyReply>;
}

/** Where an organisation's own systems hear of alerts and events. */
export default async function alertWebhook(app: FastifyInstance, { again }: Options): Promise<void> {
  app.post("/admin/alerts/webhook", async (request, reply) => {
    checkFormToken(app, request, "webhook-save");
    const { org, user } = await adminOf(app, request, "policy");
    const form = readForm(request, z.object({ url: line, events: line, alerts: line }));
    const url = form.url.trim();
    const wish = { url, events: form.events === "true", alerts: form.alerts === "true" };
    const problem = problemWithUrl(url);
    if (problem) return await again(request, reply, { ...wish, problem });
    const secret = await saveWebhook(app, { org: org.id, actor: user.id, requestId: request.id }, wish);
    if (secret)
      return adminPage(reply, "admin-webhook-secret", { secret }, { title: "Signing secret", here: "/admin/alerts" });
    leaveNotice(app, reply, { kind: "good", text: "The webhook is saved." });
    return reply.redirect("/admin/alerts#webhook", 303);
  });

  app.post("/admin/alerts/webhook/test", async (request, reply) => {
    checkFormToken(app, request, "webhook-test");
    const { org } = await adminOf(app, request, "policy");
    const use = await app.limit(`webhook-test:${org.id}`, { max: 10, windowMs: 60_000 });
    if (!use.allowed) throw new PageProblem(429, "A moment, please", `Try again in ${use.retryAfterSeconds} seconds.`);
    const notice = await testWebhook(app, org.id).then(
      () => ({ kind: "good", text: "A test message arrived." }) as const,
      (error: unknown) => ({ kind: "bad", text: `The test message did not arrive. ${reasonOf(error)}` }) as const,
    );
    leaveNotice(app, reply, notice);
    return reply.redirect("/admin/alerts#webhook", 303);
  });

  app.post("/admin/alerts/webhook/remove", async (request, reply) => {
    checkFormToken(app, request, "webhook-remove");
    const { org, user } = await adminOf(app, request, "policy");
    await removeWebhook(app, { org: org.id, actor: user.id, requestId: request.id });
    leaveNotice(app, reply, { kind: "good", text: "The webhook is gone. Alerts are on this page." });
    return reply.redirect("/admin/alerts#webhook", 303);
  });
}

export const webhookForm = (
  app: FastifyInstance,
  request: FastifyRequest,
  row: AuditWebhookRow | undefined,
  refused?: RefusedWebhook,
): WebhookForm => ({
  token: formToken(app, request, "webhook-save"),
  url: row?.url ?? "",
  events: row?.sends_events === 1,
  alerts: row ? row.sends_alerts === 1 : true,
  ...refused,
  ...(row && {
    exists: { test: formToken(app, request, "webhook-test"), remove: formToken(app, request, "webhook-remove") },
  }),
});

/** What we say ourselves of the answer; never what the other side or a resolver said. */
function reasonOf(error: unknown): string {
  const code =
    (error as { code?: unknown; cause?: { code?: unknown } })?.cause?.code ?? (error as { code?: unknown })?.code;
  if (code === "EBLOCKED") return "The address is not a public one.";
  return error instanceof Error && /^The webhook answered \d+\.$/.test(error.message)
    ? error.message
    : "It cannot be reached.";
}
