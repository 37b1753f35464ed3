import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Field, field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { tryPassword } from "./login.ts";
import { page } from "./render.ts";
import { localPath, renewSession, requireSignIn } from "./session.ts";

declare module "./views.ts" {
  interface Views {
    again: { email: string; token: string; next: string; fields: readonly Field[]; problem?: string; leave: string };
  }
}

const AFTER = "/settings";

/** `/login/again`: whoever is signed in shows once more that it is them, before something that cannot be undone. */
export default async function loginAgain(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.get<{ Querystring: { next?: unknown } }>("/login/again", async (request, reply) =>
    show(request, reply, { next: localPath(request.query.next, AFTER) }),
  );

  app.post("/login/again", async (request, reply) => {
    checkFormToken(app, request, "login-again");
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

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    { next, problem, status }: { next: string; problem?: string; status?: number },
  ) {
    const { email } = request.signedIn!.user; // requireSignIn
    const data = {
      email,
      token: formToken(app, request, "login-again"),
      next,
      fields: [
        field({
          name: "password",
          label: "Password",
          type: "password",
          autocomplete: "current-password",
          focus: true,
        }),
      ],
      problem,
      leave: AFTER,
    };
    return page(reply, "again", data, { title: "Confirm that it is you", narrow: true, status });
  }
}
