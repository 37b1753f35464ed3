import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { tokenHash } from "../database/ids.ts";
import { secondFactors } from "../identity/factors/factors.ts";
import { checkPasskey } from "../identity/factors/passkeys.ts";
import { checkCode, type Pending, pendingSignIn, recordDenied, takePending } from "../identity/factors/second-step.ts";
import type { Method } from "../identity/sessions.ts";
import { browserOf } from "./browser-cookie.ts";
import { type Field, field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { leaveByForm } from "./leave-by-form.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { askPage, boundPasskeys, relyingParty } from "./passkey-page.ts";
import { page } from "./render.ts";
import { clearPending, pendingToken } from "./second-cookie.ts";
import { renewSession, sessionToken, startSession } from "./session.ts";
import { count } from "./words.ts";

declare module "./views.ts" {
  interface Views {
    second: {
      heading: string;
      text: string;
      passkey: boolean;
      /** Empty where neither an app nor a recovery code can give one. */
      fields: readonly Field[];
      problem?: string;
      /** Back to the app that asked; otherwise to the beginning. */
      cancel?: string;
    };
  }
}

/** `/login/second`: the second proof of who somebody is, before there is a session. */
export default async function second(app: FastifyInstance): Promise<void> {
  app.get("/login/second", async (request, reply) => show(request, reply, await pendingOf(request)));

  app.post("/login/second", async (request, reply) => {
    const pending = await pendingOf(request);
    const { code } = readForm(request, z.object({ code: line }));
    const method = await checkCode(app, { userId: pending.userId, code, requestId: request.id });
    if (!method) return await show(request, reply, pending, { status: 401, problem: WRONG });
    if (typeof method !== "string")
      return await show(request, reply, pending, { status: 429, problem: waitFor(method) });
    return await go(request, reply, method);
  });

  app.post("/login/second/passkey", async (request, reply) => {
    const { userId } = await pendingOf(request);
    return await askPage(app, request, reply, {
      userId,
      alone: false,
      text: "Your browser asks for the passkey you set up here.",
      action: "/login/second/passkey/finish",
      hidden: [],
      other: { href: "/login/second", label: "Use a code instead" },
    });
  });

  app.post("/login/second/passkey/finish", async (request, reply) => {
    const pending = await pendingOf(request);
    await boundPasskeys(app, request);
    const { credential } = readForm(request, z.object({ credential: z.string().max(32_768).catch("") }));
    const { userId } = pending;
    const browser = browserOf(app, request) ?? "";
    const owner = await checkPasskey(app, relyingParty(app), { credential, browser, userId, alone: false });
    if (owner) return await go(request, reply, "passkey");
    await recordDenied(app, { userId, rule: "passkey", requestId: request.id });
    return await show(request, reply, pending, { status: 401, problem: NO_PASSKEY });
  });

  /** @throws PageProblem */
  async function pendingOf(request: FastifyRequest): Promise<Pending> {
    const token = pendingToken(app, request);
    const pending = token ? await pendingSignIn(app, token) : undefined;
    if (!pending) throw over();
    return pending;
  }

  /** Uses up what was pending, and signs in or renews. */
  async function go(request: FastifyRequest, reply: FastifyReply, method: Method): Promise<FastifyReply> {
    const token = pendingToken(app, request);
    const pending = token ? await takePending(app, token) : undefined;
    if (!pending) throw over();
    clearPending(app, reply);
    const { userId, authenticatedAt, interaction, sessionHash, next } = pending;
    const methods = [...pending.methods, method];
    if (method === "recovery") await warn(reply, userId);
    if (sessionHash === null) {
      await startSession(app, request, reply, userId, { methods, authenticatedAt });
      return reply.redirect(interaction ? `/interaction/${interaction}` : next, 303);
    }
    const session = sessionToken(app, request);
    if (!session || tokenHash(session) !== sessionHash || request.signedIn?.user.id !== userId) throw over();
    await renewSession(app, request, reply, methods);
    return reply.redirect(next, 303);
  }

  async function warn(reply: FastifyReply, userId: string) {
    const { recovery } = await secondFactors(app.db, userId);
    const left = `That recovery code is used up. You have ${count(recovery, "recovery code")} left.`;
    leaveNotice(app, reply, { kind: "warn", text: left });
  }

  async function show(
    _request: FastifyRequest,
    reply: FastifyReply,
    { userId, interaction, sessionHash }: Pending,
    { problem, status }: { problem?: string; status?: number } = {},
  ) {
    const { passkeys, totp, recovery } = await secondFactors(app.db, userId);
    const data = {
      heading: "One more step",
      text: sessionHash ? "Confirm with your second factor that it is you." : "Your account asks for a second factor.",
      passkey: passkeys > 0,
      fields: totp || recovery > 0 ? [codeField(totp)] : [],
      problem,
      cancel: interaction && `/interaction/${interaction}/abort`,
    };
    leaveByForm(reply); // to an app, in the end
    return page(reply, "second", data, { title: data.heading, narrow: true, user: undefined, status });
  }
}

const WRONG = "This code is not right, or it was used before. Wait for the next one.";
const NO_PASSKEY = "That passkey did not work here. Try again, or choose another way.";

const waitFor = ({ retryAfterSeconds }: { retryAfterSeconds: number }) =>
  `Too many attempts. Wait ${count(Math.ceil(retryAfterSeconds / 60), "minute")}, then try again.`;

const codeField = (totp: boolean) =>
  field({
    name: "code",
    label: totp ? "Code from your authenticator app" : "Recovery code",
    about: totp ? "Or one of your recovery codes." : undefined,
    autocomplete: "one-time-code",
    plain: true,
    focus: true,
  });

const over = () =>
  new PageProblem(
    400,
    "This sign-in is over",
    "It took longer than five minutes, or was finished already. Begin again from the sign-in page or from your app.",
  );
