import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { checkPassword } from "../identity/sign-in.ts";
import type { User } from "../identity/users.ts";
import { enter } from "./enter.ts";
import { field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { leaveByForm } from "./leave-by-form.ts";
import { passkeyWays } from "./passkey-page.ts";
import { page } from "./render.ts";
import { localPath, stopSession } from "./session.ts";
import { leaveForProvider, ssoWays } from "./sso.ts";

const Form = z.object({ email: line, password: line, next: line });

const AFTER = "/settings";

/** Sign-in outside the authorize flow, and sign-out. */
export default async function login(app: FastifyInstance): Promise<void> {
  app.get<{ Querystring: { next?: unknown } }>("/login", async (request, reply) => {
    const next = localPath(request.query.next, AFTER);
    if (request.signedIn) return reply.redirect(next, 303);
    return show(reply, { next });
  });

  app.post("/login", async (request, reply) => {
    const { next, email } = readForm(request, Form);
    const target = localPath(next, AFTER);
    const attempt = await trySignIn(app, request);
    if ("user" in attempt)
      return await enter(app, request, reply, { userId: attempt.user.id, methods: ["password"], next: target });
    return show(reply, { next: target, email, ...attempt });
  });

  app.post("/login/sso", async (request, reply) => {
    const next = localPath(readForm(request, z.object({ next: line })).next, AFTER);
    const leaving = await leaveForProvider(app, request, reply, { purpose: "sign-in", returnTo: next, fresh: false });
    return "leave" in leaving ? reply.redirect(leaving.leave, 303) : show(reply, { next, ...leaving });
  });

  app.post("/logout", async (request, reply) => {
    await stopSession(app, request, reply);
    return reply.redirect("/", 303);
  });

  function show(
    reply: FastifyReply,
    { next, email, problem, status }: { next: string; email?: string; problem?: string; status?: number },
  ) {
    const ways = [...ssoWays(app, "/login/sso"), ...passkeyWays(app, "/login/passkey")];
    if (app.ssoProviders.length > 0) leaveByForm(reply);
    const data = { action: "/login", next, fields: signInFields(email), ways, problem };
    return page(reply, "login", data, { ...FRAME, status });
  }
}

const FRAME = { title: "Sign in", narrow: true };

export const signInFields = (email?: string) => [
  field({ name: "email", label: "E-mail", type: "email", autocomplete: "username", value: email, focus: !email }),
  field({
    name: "password",
    label: "Password",
    type: "password",
    autocomplete: "current-password",
    focus: Boolean(email),
  }),
];

/** One text for a wrong password and an unknown address. */
export async function trySignIn(
  app: FastifyInstance,
  request: FastifyRequest,
): Promise<{ user: User } | { problem: string; status: number }> {
  return await tryPassword(app, request, readForm(request, Form));
}

export async function tryPassword(
  app: FastifyInstance,
  request: FastifyRequest,
  { email, password }: { email: string; password: string },
): Promise<{ user: User } | { problem: string; status: number }> {
  const found = await checkPassword(app, { email, password, address: request.ip, requestId: request.id });
  if (!found) return { problem: "E-mail and password do not match.", status: 401 };
  if ("locked" in found) {
    const minutes = Math.ceil(found.retryAfterSeconds / 60);
    return {
      problem: `Too many attempts. Wait ${minutes} ${minutes === 1 ? "minute" : "minutes"}, then try again.`,
      status: 429,
    };
  }
  return { user: found };
}
