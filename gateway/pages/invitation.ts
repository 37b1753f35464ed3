import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { networkOf } from "../database/rate-counters.ts";
import { IdentityError, type IdentityErrorCode } from "../identity/errors.ts";
import { acceptInvitation, joinWithNewAccount, type Offered, readInvitation } from "../identity/invitations.ts";
import { switchOrg } from "../identity/sessions.ts";
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from "../identity/users.ts";
import { ROLE_ABOUT } from "./admin/member-words.ts";
import { type Field, field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { requireSignIn, sessionToken, startSession } from "./session.ts";
import { day, midSentence } from "./words.ts";

declare module "./views.ts" {
  interface Views {
    invitation: {
      organisation: string;
      role: string;
      about: string;
      until: string;
      /** For somebody who is signed in and may use it. */
      join?: { action: string; token: string; email: string };
      /** For somebody who is signed in with another address than it is for. */
      other?: string;
      /** For somebody who is not signed in. */
      account?: { action: string; fields: readonly Field[]; signIn: string };
    };
  }
}

interface Linked {
  Params: { token: string };
}

type Errors = Partial<Record<"name" | "email" | "password" | "password2", string>>;

const FIELD_OF: Partial<Record<IdentityErrorCode, keyof Errors>> = {
  EMAIL_INVALID: "email",
  EMAIL_TAKEN: "email",
  NAME_INVALID: "name",
  OTHER_ADDRESS: "email",
  PASSWORD_TOO_SHORT: "password",
  PASSWORD_TOO_LONG: "password",
};

const Form = z.object({ name: line, email: line, password: line, password2: line });

/** Each hashes a password. */
const ACCOUNTS = { max: 10, windowMs: 60_000 };

/** `/invitations/{token}`: how somebody comes into an organisation, with the account they have or a new one. */
export default async function invitation(app: FastifyInstance): Promise<void> {
  app.get<Linked>("/invitations/:token", async (request, reply) => show(request, reply, await offered(request)));

  app.post<Linked>("/invitations/:token/join", { preHandler: requireSignIn }, async (request, reply) => {
    checkFormToken(app, request, "join");
    await offered(request);
    const { user } = request.signedIn!; // requireSignIn
    const { token } = request.params;
    const into = await acceptInvitation(app, { token, user: user.id, requestId: request.id }).catch(refused);
    await switchOrg(app.db, sessionToken(app, request)!, { user: user.id, org: into.org, now: app.clock.now() });
    leaveNotice(app, reply, { kind: "good", text: `You are in ${into.orgName} now.` });
    return reply.redirect("/settings", 303);
  });

  app.post<Linked>("/invitations/:token/account", async (request, reply) => {
    const offer = await offered(request);
    if (request.signedIn) return reply.redirect(`/invitations/${encodeURIComponent(request.params.token)}`, 303);
    const form = readForm(request, Form);
    const email = offer.email ?? form.email;
    const again = (errors: Errors) => show(request, reply, offer, { ...form, email }, errors);
    if (form.password !== form.password2) return again({ password2: "The two passwords differ." });
    const { allowed } = await app.limit(`invitation:${networkOf(request.ip)}`, ACCOUNTS);
    if (!allowed) throw new PageProblem(429, "Those were many tries", "Wait a minute, then try again.");
    try {
      const { token } = request.params;
      const { user } = await joinWithNewAccount(app, { ...form, email, token, requestId: request.id });
      await startSession(app, request, reply, user.id, { org: offer.org });
      leaveNotice(app, reply, { kind: "good", text: `Welcome, ${user.name}. You are in ${offer.orgName}.` });
      return reply.redirect("/settings", 303);
    } catch (error) {
      const place = error instanceof IdentityError ? FIELD_OF[error.code] : undefined;
      if (!place) return refused(error);
      return again({ [place]: placed(error as IdentityError) });
    }
  });

  async function offered(request: FastifyRequest<Linked>): Promise<Offered> {
    const offer = await readInvitation(app, request.params.token);
    if (!offer) throw over();
    return offer;
  }

  function show(
    request: FastifyRequest<Linked>,
    reply: FastifyReply,
    offer: Offered,
    given: { name?: string; email?: string } = {},
    errors: Errors = {},
  ) {
    const at = `/invitations/${encodeURIComponent(request.params.token)}`;
    const email = request.signedIn?.user.email;
    const fits = email !== undefined && (offer.email === undefined || offer.email === email);
    const data = {
      organisation: offer.orgName,
      role: offer.role,
      about: midSentence(ROLE_ABOUT[offer.role]),
      until: day(offer.expiresAt),
      join: fits ? { action: `${at}/join`, token: formToken(app, request, "join"), email } : undefined,
      other: email !== undefined && !fits ? email : undefined,
      account:
        email === undefined
          ? {
              action: `${at}/account`,
              fields: accountFields({ ...given, email: offer.email ?? given.email }, offer.email !== undefined, errors),
              signIn: `/login?next=${encodeURIComponent(at)}`,
            }
          : undefined,
    };
    const status = Object.keys(errors).length > 0 ? 422 : 200;
    return page(reply, "invitation", data, { title: `Join ${offer.orgName}`, narrow: true, status });
  }
}

const over = () =>
  new PageProblem(
    410,
    "This invitation is over",
    "It was used or taken back, or is older than a week. Ask for another one.",
  );

function refused(error: unknown): never {
  if (error instanceof IdentityError && error.code === "INVITATION_OVER") throw over();
  if (error instanceof IdentityError) throw new PageProblem(403, "This cannot be done", error.message);
  throw error;
}

const placed = ({ code, message }: IdentityError) =>
  code === "EMAIL_TAKEN" ? `${message} Sign in with it instead.` : message;

function accountFields({ name, email }: { name?: string; email?: string }, bound: boolean, errors: Errors): Field[] {
  const rules = `${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters; a few words are good.`;
  return [
    field({ name: "name", label: "Your name", autocomplete: "name", value: name, error: errors.name }),
    field({
      name: "email",
      label: "E-mail",
      type: "email",
      autocomplete: "username",
      value: email,
      about: bound ? "The invitation is for this address." : undefined,
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
  ];
}
