import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { exportLines } from "../audit/org-export.ts";
import { changePassword } from "../identity/change-password.ts";
import { deleteAccount } from "../identity/delete-account.ts";
import { IdentityError } from "../identity/errors.ts";
import { orgsOf } from "../identity/orgs.ts";
import { checkPassword } from "../identity/sign-in.ts";
import { hasPassword, LONGEST_PASSWORD, SHORTEST_PASSWORD } from "../identity/users.ts";
import { listGrants, revokeGrant } from "../oauth/grants.ts";
import { linkedWays } from "./account-sso.ts";
import { field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { requireFresh } from "./fresh.ts";
import { leaveByForm } from "./leave-by-form.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { requirePerson, sessionToken, stopSession } from "./session.ts";
import { memberOf, settingsNav } from "./settings-nav.ts";
import { count } from "./words.ts";

const Passwords = z.object({ current: line, next: line, next2: line, apps: line });
type Errors = Partial<Record<"current" | "next" | "next2", string>>;

/** `/settings/account`: password, sign-out, and the end of it all. */
export default async function account(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requirePerson);

  app.get("/settings/account", async (request, reply) => show(request, reply));

  app.post("/settings/password", async (request, reply) => {
    checkFormToken(app, request, "password");
    const { current, next, next2, apps } = readForm(request, Passwords);
    const userId = request.signedIn!.user.id; // requirePerson
    const isFirst = !(await hasPassword(app.db, userId));
    if (isFirst && !requireFresh(app, request, reply, { next: "/settings/account" })) return reply;
    if (next !== next2) return await show(request, reply, { next2: "The two passwords differ." });
    try {
      const keepToken = sessionToken(app, request);
      const result = await changePassword(app, { userId, current, next, keepToken });
      if (result === "wrong") return await show(request, reply, { current: "This is not your password." });
      if (result !== "changed") return await show(request, reply, { current: `Too many attempts. ${waitOf(result)}` });
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      return await show(request, reply, { next: error.message });
    }
    const what = isFirst ? "You have a password now." : "Your password is changed.";
    const ended = apps === "end" ? await endApps(userId) : undefined;
    const also = ended === undefined ? "" : ` ${count(ended, "app")} lost access.`;
    leaveNotice(app, reply, { kind: "good", text: `${what} Other browsers are signed out.${also}` });
    return reply.redirect("/settings/account", 303);
  });

  app.post("/settings/account/export", async (request, reply) => {
    checkFormToken(app, request, "export-account");
    const { org, user, owner } = await memberOf(app, request);
    const goOn = { heading: "Download everything of yours?", consequences: [`One file with what is kept of you in ${org.name}, without secrets.`], button: "Download", harmless: true, back: "/settings/account" }; // biome-ignore format: one thought
    if (!requireFresh(app, request, reply, { goOn })) return reply;
    const actor = { id: user.id, type: "user" } as const;
    await app.audit.record({ org: org.id, type: "data.export-own", actor, status: "success", requestId: request.id });
    return reply
      .type("application/x-ndjson")
      .header("content-disposition", 'attachment; filename="my-data.jsonl"')
      .send(exportLines(app.db, owner));
  });

  app.get("/settings/account/delete", async (request, reply) => {
    const fresh = (await hasPassword(app.db, request.signedIn!.user.id)) || requireFresh(app, request, reply);
    return fresh ? await confirm(request, reply) : reply;
  });

  app.post("/settings/account/delete", async (request, reply) => {
    checkFormToken(app, request, "delete-account");
    const { user } = await memberOf(app, request);
    const { password } = readForm(request, z.object({ password: line }));
    if (await hasPassword(app.db, user.id)) {
      const attempt = { email: user.email, password, address: request.ip, requestId: request.id };
      const found = await checkPassword(app, attempt);
      if (!found) return await confirm(request, reply, "This is not your password.");
      if ("locked" in found) return await confirm(request, reply, `Too many attempts. ${waitOf(found)}`);
    } else if (!requireFresh(app, request, reply, { next: "/settings/account/delete" })) return reply;
    const closed = await deleteAccount(app, { userId: user.id, requestId: request.id }).catch(lastOwner);
    if (!Array.isArray(closed)) throw new PageProblem(409, "An organisation would have no owner", closed.message);
    for (const id of closed) app.lanes.drop(id);
    await stopSession(app, request, reply);
    leaveNotice(app, reply, {
      kind: "good",
      text: "Your account is deleted, and so is the key that opened your credentials.",
    });
    return reply.redirect("/", 303);
  });

  /** Whoever knew the password may have allowed an app of theirs. @returns how many there were */
  async function endApps(userId: string): Promise<number> {
    let ended = 0;
    for (const { id: org } of await orgsOf(app.db, userId)) {
      const owner = { org, user: userId };
      for (const { id } of await listGrants(app.db, { ...owner, now: app.clock.now() }))
        if (await revokeGrant(app, { id, ...owner, actor: { id: userId, type: "user" } })) ended += 1;
    }
    return ended;
  }

  async function show(request: FastifyRequest, reply: FastifyReply, errors: Errors = {}) {
    const { user, org } = await memberOf(app, request);
    const has = await hasPassword(app.db, user.id);
    if (app.ssoProviders.length > 0) leaveByForm(reply);
    const data = {
      nav: settingsNav("/settings/account"),
      person: user,
      organisation: org.name,
      role: org.role,
      hasPassword: has,
      fields: passwordFields(errors).slice(has ? 0 : 1),
      providers: await linkedWays(app, request),
      tokens: { password: formToken(app, request, "password"), export: formToken(app, request, "export-account") },
    };
    const status = Object.keys(errors).length > 0 ? 422 : 200;
    return page(reply, "account", data, { title: "Account", status });
  }

  async function confirm(request: FastifyRequest, reply: FastifyReply, error?: string) {
    const heading = "Delete your account?";
    const has = await hasPassword(app.db, request.signedIn!.user.id); // requirePerson
    return page(
      reply,
      "confirm",
      {
        heading,
        consequences: [
          "The key that opens your credentials is destroyed, so nobody can open them again. A backup from before holds both until it is deleted.",
          "Every app loses access at once, and you are signed out everywhere.",
          "You leave every organisation. Connections that you made for one stay with it.",
          "The record of past calls stays, without your name.",
          "This cannot be undone.",
        ],
        action: "/settings/account/delete",
        token: formToken(app, request, "delete-account"),
        hidden: [],
        fields: [
          field({
            name: "password",
            label: "Your password",
            type: "password",
            autocomplete: "current-password",
            error,
          }),
        ].slice(has ? 0 : 1),
        button: "Delete my account",
        back: "/settings/account",
      },
      { title: heading, narrow: true, status: error ? 422 : 200 },
    );
  }
}

function lastOwner(error: unknown): IdentityError {
  if (error instanceof IdentityError && error.code === "LAST_OWNER") return error;
  throw error;
}

const passwordFields = (errors: Errors) => [
  field({
    name: "current",
    label: "Present password",
    type: "password",
    autocomplete: "current-password",
    error: errors.current,
  }),
  field({
    name: "next",
    label: "New password",
    type: "password",
    autocomplete: "new-password",
    about: `${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters; a few words are good.`,
    error: errors.next,
  }),
  field({
    name: "next2",
    label: "New password again",
    type: "password",
    autocomplete: "new-password",
    error: errors.next2,
  }),
];

const waitOf = ({ retryAfterSeconds }: { retryAfterSeconds: number }) =>
  `Wait ${Math.ceil(retryAfterSeconds / 60)} minutes, then try again.`;
