import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { findMember } from "../../database/members.ts";
import { changeRole, removeMember } from "../../identity/members.ts";
import { offerOwnership } from "../../identity/ownership.ts";
import { mayChange, mayLookAfter, type Role, rolesToGive } from "../../policy/roles.ts";
import { line, readForm } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { requireFresh } from "../fresh.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import { page } from "../render.ts";
import { ago, day } from "../words.ts";
import { customersSection } from "./customers/people.ts";
import { adminOf, adminPage } from "./frame.ts";
import { isPersonal, offeredRole, ROLE_ABOUT, refusedToPerson } from "./member-words.ts";

const HERE = "/admin/members";

declare module "../views.ts" {
  interface Views {
    "admin-member": {
      name: string;
      email: string;
      role: string;
      you: boolean;
      since: string;
      seen: string;
      secondFactor: string;
      /** Only where the person may be changed by who looks. */
      form?: { action: string; token: string; roles: readonly { value: Role; about: string; selected: boolean }[] };
      /** Which customers they see, and where that is changed. */
      customers: { href: string; sees: string; limited: boolean };
      remove?: string;
      ownership?: string;
    };
    "admin-ownership": { name: string; organisation: string; action: string; back: string; token: string };
  }
}

interface Named {
  Params: { user: string };
}

/** `/admin/members/{id}`: one member: their role, their removal, and handing the organisation to them. */
export default async function member(app: FastifyInstance): Promise<void> {
  app.get<Named>(`${HERE}/:user`, async (request, reply) => {
    const { user, org, them } = await named(request);
    const may = mayChange(org.role, them.role);
    const data = {
      ...them,
      you: them.id === user.id,
      since: day(them.since),
      seen: ago(them.lastSeen, app.clock.now()),
      secondFactor: them.secondFactor ? "Yes" : "No",
      form: may && !isPersonal(org) ? roleForm(request, org.role, them) : undefined,
      remove: may && them.id !== user.id ? `${HERE}/${them.id}/remove` : undefined,
      customers: await customersSection(app, org.id, them.id),
      ownership:
        mayLookAfter(org.role, "ownership") && them.role !== "owner" ? `${HERE}/${them.id}/ownership` : undefined,
    };
    return adminPage(reply, "admin-member", data, { title: them.name, here: HERE });
  });

  app.post<Named>(`${HERE}/:user/role`, async (request, reply) => {
    checkFormToken(app, request, `role ${request.params.user}`);
    const { org, them, acting } = await named(request);
    const role = offeredRole(readForm(request, z.object({ role: line })).role, rolesToGive(org.role));
    await changeRole(app, { ...acting, user: them.id, role }).catch(refusedToPerson);
    leaveNotice(app, reply, { kind: "good", text: `${them.name} is ${role} from the next request on.` });
    return reply.redirect(`${HERE}/${them.id}`, 303);
  });

  app.get<Named>(`${HERE}/:user/remove`, async (request, reply) => {
    const { org, them } = await named(request);
    const heading = `Remove ${them.name} from ${org.name}?`;
    const action = `${HERE}/${them.id}/remove`;
    const data = {
      heading,
      consequences: [
        "Apps that act for them here lose access at their next request, and so do their browsers.",
        "Their own connections here are deleted, with the key that opens them. What they shared stays.",
        "Requests of theirs that wait for approval are over. The record of what they did stays.",
      ],
      action,
      token: formToken(app, request, `remove ${them.id}`),
      hidden: [],
      fields: [],
      button: "Remove from the organisation",
      back: `${HERE}/${them.id}`,
    };
    return page(reply, "confirm", data, { title: heading, narrow: true });
  });

  app.post<Named>(`${HERE}/:user/remove`, async (request, reply) => {
    checkFormToken(app, request, `remove ${request.params.user}`);
    const { them, acting, user } = await named(request);
    if (them.id === user.id)
      throw new PageProblem(409, "That is you", "To go yourself, leave on your organisations page.");
    const closed = await removeMember(app, { ...acting, user: them.id }).catch(refusedToPerson);
    for (const id of closed) app.lanes.drop(id);
    leaveNotice(app, reply, {
      kind: "good",
      text: `${them.name} is removed. Everything that acted for them here has ended.`,
    });
    return reply.redirect(HERE, 303);
  });

  app.get<Named>(`${HERE}/:user/ownership`, async (request, reply) => {
    const { them, org } = await named(request, "ownership");
    if (!requireFresh(app, request, reply)) return reply;
    return showOffer(request, reply, them, org.name);
  });

  app.post<Named>(`${HERE}/:user/ownership`, async (request, reply) => {
    checkFormToken(app, request, `ownership ${request.params.user}`);
    const { them, acting } = await named(request, "ownership");
    const staysOwner = readForm(request, z.object({ stay: line })).stay === "yes";
    const after = staysOwner ? "You stay an owner beside them." : "Once they say yes, you become an administrator.";
    const goOn = { heading: `Offer ownership to ${them.name}?`, consequences: [after], button: "Offer ownership", harmless: true, back: `${HERE}/${them.id}` }; // biome-ignore format: one thought
    if (!requireFresh(app, request, reply, { goOn })) return reply;
    await offerOwnership(app, { ...acting, to: them.id, staysOwner }).catch(refusedToPerson);
    const text = `${them.name} is asked to become an owner. Nothing changes until they say yes on their organisations page.`;
    leaveNotice(app, reply, { kind: "good", text });
    return reply.redirect(`${HERE}/${them.id}`, 303);
  });

  async function named(request: FastifyRequest<Named>, right: "members" | "ownership" = "members") {
    const { user, org } = await adminOf(app, request, right);
    const them = await findMember(app.db, { org: org.id, user: request.params.user, now: app.clock.now() });
    if (!them) throw new PageProblem(404, "No such member", "They have left, or were never in this organisation.");
    return { user, org, them, acting: { org: org.id, actor: user.id, requestId: request.id } };
  }

  const roleForm = (request: FastifyRequest, own: Role, them: { id: string; role: Role }) => ({
    action: `${HERE}/${them.id}/role`,
    token: formToken(app, request, `role ${them.id}`),
    roles: rolesToGive(own).map((value) => ({ value, about: ROLE_ABOUT[value], selected: value === them.role })),
  });

  function showOffer(
    request: FastifyRequest,
    reply: FastifyReply,
    { id, name }: { id: string; name: string },
    organisation: string,
  ) {
    const action = `${HERE}/${id}/ownership`;
    const token = formToken(app, request, `ownership ${id}`);
    const data = { name, organisation, action, back: `${HERE}/${id}`, token };
    return adminPage(reply, "admin-ownership", data, { title: "Offer ownership", here: HERE });
  }
}
