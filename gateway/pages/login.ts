import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { checkPassword } from "../identity/sign-in.ts";
import type { User } from "../identity/users.ts";
import { field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { page } from "./render.ts";
import { localPath, startSession, stopSession } from "./session.ts";

const Form = z.object({ email: line, password: line, next: line });

const AFTER = "/settings";

/** Sign-in outside the authorize flow, and sign-out. */
export default async function login(app: FastifyInstance): Promise<void> {
  app.get<{ Querystring: { next?: unknown } }>("/login", async (request, reply) => {
    const next = localPath(request.query.next, AFTER);
    if (request.signedIn) return reply.redirect(next, 303);
    return page(reply, "login", { action: "/login", next, fields: signInFields() }, FRAME);
  });

  app.post("/login", async (request, reply) => {
    const { next, email } = readForm(request, Form);
    const target = localPath(next, AFTER);
    const attempt = await trySignIn(app, request);
    if ("user" in attempt) {
      await startSession(app, request, reply, attempt.user.id);
      return reply.redirect(target, 303);
    }
    const view = { action: "/login", next: target, fields: signInFields(email), problem: attempt.problem };
    return page(reply, "login", view, { ...FRAME, status: attempt.status });
  });

  app.post("/logout", async (request, reply) => {
    await stopSession(app, request, reply);
    return reply.redirect("/", 303);
  });
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
