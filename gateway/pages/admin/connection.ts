import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { findShared, isShared, revokeConnection, testConnection } from "../../connections/connections.ts";
import { renameConnection, shareConnection } from "../../connections/sharing.ts";
import { type Connection, connectionUsers, findMembersConnection } from "../../database/connections.ts";
import { memberByEmail } from "../../database/members.ts";
import { namesOf } from "../../database/people-names.ts";
import { plainEmail } from "../../identity/users.ts";
import { ROLES } from "../../policy/roles.ts";
import { type Field, field } from "../fields.ts";
import { line, readForm, several } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import { page } from "../render.ts";
import { adminOf, adminPage } from "./frame.ts";

const HERE = "/admin/connections";

/** Tests by hand: each opens the keys and asks the vendor. */
const TESTS = { max: 10, windowMs: 10 * 60_000 };

declare module "../views.ts" {
  interface Views {
    "admin-connection": {
      label: string;
      vendor: string;
      actions: { name: string; users: string };
      tokens: { name: string; users: string };
      fields: readonly Field[];
      roles: readonly { value: string; on: boolean }[];
      people: readonly { id: string; name: string }[];
      add: readonly Field[];
    };
  }
}

interface Named {
  Params: { connection: string };
}

const Users = z.object({ role: several, person: several, email: line });

/** `/admin/connections/{id}`: what a shared connection is called, who may use it, whether it works, and its end. */
export default async function connection(app: FastifyInstance): Promise<void> {
  app.get<Named>(`${HERE}/:connection`, async (request, reply) => show(request, reply));

  app.post<Named>(`${HERE}/:connection/name`, async (request, reply) => {
    checkFormToken(app, request, `name ${request.params.connection}`);
    const { shared, acting } = await named(request);
    const { label } = readForm(request, z.object({ label: line }));
    if (!(await renameConnection(app, shared, { ...acting, label })))
      return await show(request, reply, { name: "Please give a name." });
    leaveNotice(app, reply, { kind: "good", text: "The connection has its new name." });
    return reply.redirect(`${HERE}/${shared.id}`, 303);
  });

  app.post<Named>(`${HERE}/:connection/users`, async (request, reply) => {
    checkFormToken(app, request, `users ${request.params.connection}`);
    const { shared, acting, org } = await named(request);
    const { role, person, email } = readForm(request, Users);
    const added = email.trim() ? await memberByEmail(app.db, org.id, plainEmail(email)) : undefined;
    if (email.trim() && !added) return await show(request, reply, { email: "No member has this address." });
    const roles = ROLES.filter((one) => role.includes(one));
    await shareConnection(app, shared, { ...acting, roles, people: added ? [...person, added] : person });
    leaveNotice(app, reply, { kind: "good", text: "Who may use it holds from the next call on." });
    return reply.redirect(`${HERE}/${shared.id}`, 303);
  });

  app.post<Named>(`${HERE}/:connection/test`, async (request, reply) => {
    checkFormToken(app, request, "test-shared");
    const { shared, acting, title, org } = await named(request);
    const { allowed } = await app.limit(`test-shared:${org.id}`, TESTS);
    if (!allowed) throw new PageProblem(429, "Those were many tests", "Wait some minutes, then test again.");
    const outcome = await testConnection(app, shared, acting);
    leaveNotice(
      app,
      reply,
      outcome.ok ? { kind: "good", text: `${title} accepts “${shared.label}”.` } : { kind: "bad", text: outcome.text },
    );
    return reply.redirect(HERE, 303);
  });

  app.get<Named>(`${HERE}/:connection/revoke`, async (request, reply) => {
    const { one, title } = await any(request);
    const what = isShared(one) ? `“${one.label}”` : `a member's connection to ${title}`;
    const heading = `Revoke ${what}?`;
    const data = {
      heading,
      consequences: [
        `What is stored for ${title} is deleted. At ${title} itself it stays valid: end it there too.`,
        isShared(one)
          ? "Whoever used it loses it at their next call, until they connect or are given another one."
          : "The member's apps lose it at their next call, until the member connects again.",
      ],
      action: `${HERE}/${one.id}/revoke`,
      token: formToken(app, request, `revoke ${one.id}`),
      hidden: [],
      fields: [],
      button: "Delete what is stored and end access",
      back: HERE,
    };
    return page(reply, "confirm", data, { title: heading, narrow: true });
  });

  app.post<Named>(`${HERE}/:connection/revoke`, async (request, reply) => {
    checkFormToken(app, request, `revoke ${request.params.connection}`);
    const { one, title, acting } = await any(request);
    await revokeConnection(app, one, acting);
    leaveNotice(app, reply, { kind: "good", text: `The connection to ${title} is revoked.` });
    return reply.redirect(HERE, 303);
  });

  async function show(
    request: FastifyRequest<Named>,
    reply: FastifyReply,
    errors: { name?: string; email?: string } = {},
  ) {
    const { shared, org, title } = await named(request);
    const users = (await connectionUsers(app.db, org.id)).get(shared.id) ?? [];
    const people = users.flatMap(({ kind, who }) => (kind === "person" ? [who] : []));
    const names = await namesOf(app.db, org.id, people);
    const at = `${HERE}/${shared.id}`;
    const about = "A member of this organisation.";
    const data = {
      label: shared.label,
      vendor: title,
      actions: { name: `${at}/name`, users: `${at}/users` },
      tokens: {
        name: formToken(app, request, `name ${shared.id}`),
        users: formToken(app, request, `users ${shared.id}`),
      },
      fields: [field({ name: "label", label: "Name", value: shared.label, error: errors.name })],
      roles: ROLES.map((value) => ({ value, on: users.some(({ kind, who }) => kind === "role" && who === value) })),
      people: [...names].map(([id, name]) => ({ id, name })),
      add: [
        field({
          name: "email",
          label: "Add somebody by e-mail address",
          type: "email",
          required: false,
          about,
          error: errors.email,
        }),
      ],
    };
    const status = errors.name || errors.email ? 422 : 200;
    return adminPage(reply, "admin-connection", data, { title: shared.label, here: HERE, status });
  }

  async function named(request: FastifyRequest<Named>) {
    const { user, org } = await adminOf(app, request, "connections");
    const shared = await findShared(app.db, { org: org.id, id: request.params.connection });
    if (!shared) throw noSuch();
    return { org, shared, title: titleOf(shared), acting: { actor: user.id, requestId: request.id } };
  }

  /** Of members' own ones only the end is a matter of the organisation. */
  async function any(request: FastifyRequest<Named>) {
    const { user, org } = await adminOf(app, request, "connections");
    const which = { org: org.id, id: request.params.connection };
    const one = (await findShared(app.db, which)) ?? (await findMembersConnection(app.db, which));
    if (!one) throw noSuch();
    return { one, title: titleOf(one), acting: { actor: user.id } };
  }

  const titleOf = ({ vendor }: Connection) => app.vendors.get(vendor)?.title ?? vendor;
}

const noSuch = () => new PageProblem(404, "No such connection", "It was revoked, or it is not of this organisation.");
