import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { IdentityError, type IdentityErrorCode } from "../identity/errors.ts";
import { isSetupToken, redeemSetup } from "../identity/setup.ts";
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from "../identity/users.ts";
import { field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { startSession } from "./session.ts";

const Form = z.object({ name: line, email: line, password: line, password2: line });
type Errors = Partial<Record<"name" | "email" | "password" | "password2", string>>;

const FIELD_OF: Partial<Record<IdentityErrorCode, keyof Errors>> = {
  EMAIL_INVALID: "email",
  EMAIL_TAKEN: "email",
  NAME_INVALID: "name",
  PASSWORD_TOO_SHORT: "password",
  PASSWORD_TOO_LONG: "password",
  PASSWORD_USUAL: "password",
};

/** `/setup/{token}`: the first owner, once. The link is in the log of the first start. */
export default async function setup(app: FastifyInstance): Promise<void> {
  app.get<{ Params: { token: string } }>("/setup/:token", async (request, reply) => {
    const { token } = request.params;
    if (!(await isSetupToken(app, token))) throw over();
    return page(reply, "setup", view(token), FRAME);
  });

  app.post<{ Params: { token: string } }>("/setup/:token", async (request, reply) => {
    const { token } = request.params;
    const form = readForm(request, Form);
    const wrong = async (errors: Errors) => page(reply, "setup", view(token, form, errors), { ...FRAME, status: 422 });
    if (form.password !== form.password2) return await wrong({ password2: "The two passwords differ." });
    try {
      const user = await redeemSetup(app, { ...form, token });
      await startSession(app, request, reply, user.id);
      leaveNotice(app, reply, { kind: "good", text: `Welcome, ${user.name}. Connect your first vendor below.` });
      return reply.redirect("/settings/vendors", 303);
    } catch (error) {
      const place = error instanceof IdentityError ? FIELD_OF[error.code] : undefined;
      if (error instanceof IdentityError && error.code === "SETUP_OVER") throw over();
      if (!place) throw error;
      return await wrong({ [place]: (error as IdentityError).message });
    }
  });
}

const FRAME = { title: "Set-up", narrow: true };

const over = () =>
  new PageProblem(
    410,
    "This set-up link is over",
    "It was used already, is older than a day, or there is an owner. Sign in, or restart the gateway for a fresh link while it has no owner.",
  );

function view(token: string, { name = "", email = "" }: { name?: string; email?: string } = {}, errors: Errors = {}) {
  const rules = `${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters; a few words are good.`;
  return {
    action: `/setup/${encodeURIComponent(token)}`,
    fields: [
      field({ name: "name", label: "Your name", autocomplete: "name", value: name, error: errors.name }),
      field({
        name: "email",
        label: "E-mail",
        type: "email",
        autocomplete: "username",
        value: email,
        error: errors.email,
      }),
      field({
        name: "password",
        label: "Password",
        type: "password",
        autocomplete: "new-password",
        about: rules,
        error: errors.password,
      }),
      field({
        name: "password2",
        label: "Password again",
        type: "password",
        autocomplete: "new-password",
        error: errors.password2,
      }),
    ],
  };
}
