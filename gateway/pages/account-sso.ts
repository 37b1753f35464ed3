import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Identity, listIdentities, unlinkIdentity } from "../identity/sso/link.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { requireFresh } from "./fresh.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { requirePerson, sessionToken } from "./session.ts";
import { leaveForProvider } from "./sso.ts";
import { ago } from "./words.ts";

/** One provider on the account page. */
export interface LinkedWay {
  readonly id: string;
  readonly name: string;
  readonly linked: boolean;
  readonly text: string;
  readonly token: string;
}

const ACCOUNT = "/settings/account";

/** `/settings/account/link` and `/unlink`: signing in at a provider, for who has an account already. */
export default async function accountSso(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requirePerson);

  app.post("/settings/account/link", async (request, reply) => {
    checkFormToken(app, request, "link");
    if (!requireFresh(app, request, reply, { next: ACCOUNT })) return reply;
    const signedIn = { userId: request.signedIn!.user.id, session: sessionToken(app, request)! }; // requirePerson
    const leaving = await leaveForProvider(app, request, reply, { purpose: "link", signedIn, returnTo: ACCOUNT, fresh: false }); // biome-ignore format: one thought
    if ("leave" in leaving) return reply.redirect(leaving.leave, 303);
    leaveNotice(app, reply, { kind: "bad", text: leaving.problem });
    return reply.redirect(ACCOUNT, 303);
  });

  app.post("/settings/account/unlink", async (request, reply) => {
    checkFormToken(app, request, "unlink");
    if (!requireFresh(app, request, reply, { next: ACCOUNT })) return reply;
    const { provider: wanted } = readForm(request, z.object({ provider: line }));
    const provider = app.ssoProviders.find(({ id }) => id === wanted);
    if (!provider) throw new PageProblem(404, "Unknown provider", "Nobody signs in there from here.");
    const userId = request.signedIn!.user.id; // requirePerson
    const done = await unlinkIdentity(app, provider, { userId, requestId: request.id });
    const text =
      done === "unlinked"
        ? `You no longer sign in with ${provider.name}.`
        : `${provider.name} is your only way to sign in. Set a password first, then unlink it.`;
    leaveNotice(app, reply, { kind: done === "unlinked" ? "good" : "bad", text });
    return reply.redirect(ACCOUNT, 303);
  });
}

/** What the account page shows of it. */
export async function linkedWays(app: FastifyInstance, request: FastifyRequest): Promise<LinkedWay[]> {
  const identities = await listIdentities(app.db, request.signedIn!.user.id); // requirePerson
  const now = app.clock.now();
  return app.ssoProviders.map(({ id, name, issuer }) => {
    const identity = identities.find((one) => one.issuer === issuer);
    const token = formToken(app, request, identity ? "unlink" : "link");
    return { id, name, linked: Boolean(identity), text: identity ? linkWords(identity, now) : NOT_LINKED, token };
  });
}

const NOT_LINKED = "Not linked. Link it to sign in there instead of with a password.";

function linkWords({ label, created_at, last_used_at }: Identity, now: number): string {
  const used = last_used_at ? `last used ${ago(last_used_at, now)}` : "not used yet";
  return [label, `linked ${ago(created_at, now)}`, used].filter(Boolean).join(" · ");
}
