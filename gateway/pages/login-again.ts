import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { secondFactors } from "../identity/factors/factors.ts";
import { checkPasskey } from "../identity/factors/passkeys.ts";
import { recordDenied } from "../identity/factors/second-step.ts";
import { listIdentities } from "../identity/sso/link.ts";
import { hasPassword } from "../identity/users.ts";
import { browserOf } from "./browser-cookie.ts";
import { confirmAgain } from "./enter.ts";
import { type Field, field } from "./fields.ts";
import { line, path, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { requireFresh } from "./fresh.ts";
import { keptForm } from "./kept-form.ts";
import { leaveByForm } from "./leave-by-form.ts";
import { tryPassword } from "./login.ts";
import { askPage, boundPasskeys, relyingParty } from "./passkey-page.ts";
import { page } from "./render.ts";
import { localPath, requirePerson, sessionToken } from "./session.ts";
import { leaveForProvider, ssoWays, type Way } from "./sso.ts";

declare module "./views.ts" {
  interface Views {
    again: {
      email: string;
      token: string;
      next: string;
      /** Empty for who has no password. */
      fields: readonly Field[];
      ways: readonly Way[];
      problem?: string;
      /** A form waits for them. */
      kept: boolean;
      leave: string;
    };
  }
}

const AFTER = "/settings";
const FORM = "login-again";

/** `/login/again`: whoever is signed in shows once more that it is them, before something that cannot be undone. */
export default async function loginAgain(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requirePerson);

  app.get<{ Querystring: { next?: unknown } }>("/login/again", async (request, reply) =>
    show(request, reply, { next: localPath(request.query.next, AFTER) }),
  );

  app.get("/login/again/go-on", async (request, reply) => {
    const form = keptForm(app, request, request.url)!; // this is its path
    if (!requireFresh(app, request, reply)) return reply;
    const { tokenFor, heading, consequences = [], ...kept } = form;
    const data = { ...kept, heading, consequences, token: formToken(app, request, tokenFor), fields: [] };
    return page(reply, "confirm", data, { title: heading, narrow: true });
  });

  app.post("/login/again", async (request, reply) => {
    checkFormToken(app, request, FORM);
    const form = readForm(request, z.object({ password: line, next: path }));
    const next = localPath(form.next, AFTER);
    const { email } = request.signedIn!.user; // requirePerson; never what the form says
    const attempt = await tryPassword(app, request, { email, password: form.password });
    if (!("user" in attempt)) {
      const problem = attempt.status === 401 ? "This is not your password." : attempt.problem;
      return await show(request, reply, { next, status: attempt.status, problem });
    }
    return await confirmAgain(app, request, reply, { methods: ["password"], next });
  });

  app.post("/login/again/passkey", async (request, reply) => {
    checkFormToken(app, request, FORM);
    const next = localPath(readForm(request, z.object({ next: path })).next, AFTER);
    return await askPage(app, request, reply, {
      userId: request.signedIn!.user.id, // requirePerson
      alone: true,
      text: "Your browser asks for the passkey you set up here.",
      action: "/login/again/passkey/finish",
      hidden: [
        { name: "next", value: next },
        { name: "form_token", value: formToken(app, request, FORM) },
      ],
      other: { href: `/login/again?next=${encodeURIComponent(next)}`, label: "Confirm another way" },
    });
  });

  app.post("/login/again/passkey/finish", async (request, reply) => {
    checkFormToken(app, request, FORM);
    await boundPasskeys(app, request);
    const form = readForm(request, z.object({ credential: z.string().max(32_768).catch(""), next: path }));
    const next = localPath(form.next, AFTER);
    const userId = request.signedIn!.user.id; // requirePerson
    const asked = { credential: form.credential, browser: browserOf(app, request) ?? "", userId, alone: true };
    if (await checkPasskey(app, relyingParty(app), asked))
      return await confirmAgain(app, request, reply, { methods: ["passkey"], next });
    await recordDenied(app, { userId, rule: "passkey", requestId: request.id });
    return await show(request, reply, { next, status: 401, problem: NO_PASSKEY });
  });

  app.post("/login/again/sso", async (request, reply) => {
    checkFormToken(app, request, FORM);
    const next = localPath(readForm(request, z.object({ next: path })).next, AFTER);
    const signedIn = { userId: request.signedIn!.user.id, session: sessionToken(app, request)! }; // requirePerson
    const leaving = await leaveForProvider(app, request, reply, { purpose: "again", signedIn, returnTo: next, fresh: true }); // biome-ignore format: one thought
    return "leave" in leaving ? reply.redirect(leaving.leave, 303) : await show(request, reply, { next, ...leaving });
  });

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    { next, problem, status }: { next: string; problem?: string; status?: number },
  ) {
    const { id, email } = request.signedIn!.user; // requirePerson
    const form = keptForm(app, request, next);
    const data = {
      email,
      token: formToken(app, request, FORM),
      next,
      fields: (await hasPassword(app.db, id)) ? [PASSWORD] : [],
      ways: await waysOf(id),
      problem,
      kept: form !== undefined,
      leave: form?.back ?? AFTER,
    };
    if (app.ssoProviders.length > 0) leaveByForm(reply);
    return page(reply, "again", data, { title: "Confirm that it is you", narrow: true, status });
  }

  /** A passkey, and the providers that this person is linked with. */
  async function waysOf(userId: string): Promise<Way[]> {
    const { passkeys } = await secondFactors(app.db, userId);
    const passkey = passkeys > 0 ? [{ action: "/login/again/passkey", label: "Use a passkey" }] : [];
    const linked = new Set((await listIdentities(app.db, userId)).map(({ issuer }) => issuer));
    return [...passkey, ...ssoWays(app, "/login/again/sso", ({ issuer }) => linked.has(issuer))];
  }
}

const NO_PASSKEY = "That passkey did not work here, or its device was not unlocked for it. Choose another way.";

const PASSWORD = field({
  name: "password",
  label: "Password",
  type: "password",
  autocomplete: "current-password",
  focus: true,
});
