import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { listIdentities } from "../identity/sso/link.ts";
import { hasPassword } from "../identity/users.ts";
import { type Field, field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { leaveByForm } from "./leave-by-form.ts";
import { tryPassword } from "./login.ts";
import { page } from "./render.ts";
import { localPath, renewSession, requireSignIn, sessionToken } from "./session.ts";
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
      leave: string;
    };
  }
}

const AFTER = "/settings";
const FORM = "login-again";

/** `/login/again`: whoever is signed in shows once more that it is them, before something that cannot be undone. */
export default async function loginAgain(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.get<{ Querystring: { next?: unknown } }>("/login/again", async (request, reply) =>
    show(request, reply, { next: localPath(request.query.next, AFTER) }),
  );

  app.post("/login/again", async (request, reply) => {
    checkFormToken(app, request, FORM);
    const form = readForm(request, z.object({ password: line, next: line }));
    const next = localPath(form.next, AFTER);
    const { email } = request.signedIn!.user; // requireSignIn; never what the form says
    const attempt = await tryPassword(app, request, { email, password: form.password });
    if (!("user" in attempt)) {
      const problem = attempt.status === 401 ? "This is not your password." : attempt.problem;
      return await show(request, reply, { next, status: attempt.status, problem });
    }
    await renewSession(app, request, reply, ["password"]);
    return reply.redirect(next, 303);
  });

  app.post("/login/again/sso", async (request, reply) => {
    checkFormToken(app, request, FORM);
    const next = localPath(readForm(request, z.object({ next: line })).next, AFTER);
    const signedIn = { userId: request.signedIn!.user.id, session: sessionToken(app, request)! }; // requireSignIn
    const leaving = await leaveForProvider(app, request, reply, { purpose: "again", signedIn, returnTo: next, fresh: true }); // biome-ignore format: one thought
    return "leave" in leaving ? reply.redirect(leaving.leave, 303) : await show(request, reply, { next, ...leaving });
  });

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    { next, problem, status }: { next: string; problem?: string; status?: number },
  ) {
    const { id, email } = request.signedIn!.user; // requireSignIn
    const data = {
      email,
      token: formToken(app, request, FORM),
      next,
      fields: (await hasPassword(app.db, id)) ? [PASSWORD] : [],
      ways: await waysOf(id),
      problem,
      leave: AFTER,
    };
    if (data.ways.length > 0) leaveByForm(reply);
    return page(reply, "again", data, { title: "Confirm that it is you", narrow: true, status });
  }

  /** The providers that this person is linked with. */
  async function waysOf(userId: string): Promise<Way[]> {
    const linked = new Set((await listIdentities(app.db, userId)).map(({ issuer }) => issuer));
    return ssoWays(app, "/login/again/sso", ({ issuer }) => linked.has(issuer));
  }
}

const PASSWORD = field({
  name: "password",
  label: "Password",
  type: "password",
  autocomplete: "current-password",
  focus: true,
});
