import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { offersTo } from "../database/ownership.ts";
import { IdentityError } from "../identity/errors.ts";
import { createOrg } from "../identity/organisations.ts";
import type { MemberOrg } from "../identity/orgs.ts";
import { switchOrg } from "../identity/sessions.ts";
import { looksAfterAnything } from "../policy/roles.ts";
import { type Field, field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { localPath, requireSignIn, sessionToken } from "./session.ts";
import { articled } from "./words.ts";

declare module "./views.ts" {
  interface Views {
    organisations: {
      token: string;
      orgs: readonly {
        id: string;
        name: string;
        about: string;
        here: boolean;
        /** Somebody waits for the person's yes to becoming its owner. */
        offered: boolean;
        leave: boolean;
        manage: boolean;
      }[];
    };
    "organisation-new": { fields: readonly Field[]; token: string };
  }
}

/** Organisations a person may make in an hour. */
const NEW = { max: 10, windowMs: 3_600_000 };

/** Of one person: each has limits of its own, and nobody shall have as many as they like. */
const MOST_OWNED = 20;

const TOO_MANY = `Nobody owns more than ${MOST_OWNED}. Hand one over or delete one, then make another one.`;

/** `/organisations`: where a person is a member, and how to be in another one or make one. */
export default async function organisations(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.get("/organisations", async (request, reply) => {
    const { user, orgs, session } = request.signedIn!; // requireSignIn
    const offered = await offersTo(app.db, user.id, app.clock.now());
    const data = {
      token: formToken(app, request, "switch-organisation"),
      orgs: orgs.map((org) => ({
        id: org.id,
        name: org.name,
        about: aboutOf(org),
        here: org.id === session.orgId,
        offered: offered.includes(org.id),
        leave: org.personal_of === null,
        manage: org.id === session.orgId && looksAfterAnything(org.role),
      })),
    };
    return page(reply, "organisations", data, { title: "Organisations" });
  });

  app.post("/organisations/switch", async (request, reply) => {
    checkFormToken(app, request, "switch-organisation");
    const { org: id, next } = readForm(request, z.object({ org: line, next: line }));
    const { user, orgs } = request.signedIn!; // requireSignIn
    const org = orgs.find((one) => one.id === id);
    await goTo(request, user.id, id);
    return reply.redirect(afterSwitch(localPath(next, "/settings"), org!), 303); // goTo found it
  });

  app.get("/organisations/new", async (request, reply) => show(request, reply));

  app.post("/organisations/new", async (request, reply) => {
    checkFormToken(app, request, "new-organisation");
    const { user, orgs } = request.signedIn!; // requireSignIn
    if (orgs.filter(({ role }) => role === "owner").length >= MOST_OWNED)
      throw new PageProblem(403, "You own many organisations", TOO_MANY);
    const { name } = readForm(request, z.object({ name: line }));
    const { allowed } = await app.limit(`new-organisation:${user.id}`, NEW);
    if (!allowed) throw new PageProblem(429, "Those were many organisations", "Wait an hour, then make another one.");
    try {
      const org = await createOrg(app, { name, actor: user.id, requestId: request.id });
      await goTo(request, user.id, org.id);
      leaveNotice(app, reply, {
        kind: "good",
        text: `${org.name} is there, and you are its owner. Invite people next.`,
      });
    } catch (error) {
      if (!(error instanceof IdentityError && error.code === "NAME_INVALID")) throw error;
      return await show(request, reply, { value: name, error: error.message });
    }
    return reply.redirect("/admin/members", 303);
  });

  async function show(request: FastifyRequest, reply: FastifyReply, { value, error }: Partial<Field> = {}) {
    const about = "Everybody in it sees this name, and so do their assistants.";
    const fields = [
      field({ name: "name", label: "Name", autocomplete: "organization", about, value, error, focus: true }),
    ];
    const data = { fields, token: formToken(app, request, "new-organisation") };
    return page(reply, "organisation-new", data, {
      title: "New organisation",
      narrow: true,
      status: error ? 422 : 200,
    });
  }

  /** @throws PageProblem for an organisation they are not a member of */
  async function goTo(request: FastifyRequest, user: string, org: string) {
    const token = sessionToken(app, request)!; // requireSignIn
    if (!(await switchOrg(app.db, token, { user, org, now: app.clock.now() })))
      throw new PageProblem(404, "No such organisation", "You are not a member of it, or not any more.");
  }
}

const aboutOf = ({ personal_of, role }: MemberOrg) => (personal_of ? "Yours alone" : `You are ${articled(role)}`);

/** Pages of an organisation are of no use to somebody who looks after nothing there. */
const afterSwitch = (next: string, { role }: MemberOrg) =>
  next.startsWith("/admin") && !looksAfterAnything(role) ? "/settings" : next;
