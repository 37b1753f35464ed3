import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { findMember } from "../../database/members.ts";
import { findOffer } from "../../database/ownership.ts";
import { IdentityError } from "../../identity/errors.ts";
import { deleteOrg, nameOrg } from "../../identity/organisations.ts";
import { endOwnershipOffer } from "../../identity/ownership.ts";
import { elsewhere } from "../../policy/regions.ts";
import { mayLookAfter } from "../../policy/roles.ts";
import { type Field, field } from "../fields.ts";
import { line, readForm } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { requireFresh } from "../fresh.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import { page } from "../render.ts";
import { day } from "../words.ts";
import { adminOf, adminPage } from "./frame.ts";
import { isPersonal, refusedToPerson } from "./member-words.ts";

const HERE = "/admin/organisation";

declare module "../views.ts" {
  interface Views {
    "admin-organisation": {
      fields: readonly Field[];
      tokens: { name: string; withdraw: string };
      personal: boolean;
      id: string;
      home?: string;
      /** Why its calls do not run here. */
      elsewhere?: string;
      offer?: { name: string; until: string };
      /** For owners alone. */
      ends?: string;
    };
  }
}

/** `/admin/organisation`: what it is called, to whom it is being handed on, and its end. */
export default async function organisation(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => show(request, reply));

  app.post(`${HERE}/name`, async (request, reply) => {
    checkFormToken(app, request, "organisation-name");
    const { user, org } = await adminOf(app, request, "members");
    const { name } = readForm(request, z.object({ name: line }));
    try {
      await nameOrg(app, { org: org.id, actor: user.id, name, requestId: request.id });
    } catch (error) {
      if (error instanceof IdentityError && error.code === "NAME_INVALID")
        return await show(request, reply, { value: name, error: error.message });
      return refusedToPerson(error);
    }
    leaveNotice(app, reply, { kind: "good", text: "The organisation has its new name." });
    return reply.redirect(HERE, 303);
  });

  app.post(`${HERE}/offer/withdraw`, async (request, reply) => {
    checkFormToken(app, request, "withdraw-offer");
    const { user, org } = await adminOf(app, request, "ownership");
    await endOwnershipOffer(app, { org: org.id, actor: user.id, requestId: request.id }).catch(refusedToPerson);
    leaveNotice(app, reply, { kind: "good", text: "The offer is taken back." });
    return reply.redirect(HERE, 303);
  });

  app.get(`${HERE}/delete`, async (request, reply) => {
    const { org } = await ownedBy(request);
    if (!requireFresh(app, request, reply)) return reply;
    return confirm(request, reply, org.name);
  });

  app.post(`${HERE}/delete`, async (request, reply) => {
    checkFormToken(app, request, "delete-organisation");
    const { user, org } = await ownedBy(request);
    if (!requireFresh(app, request, reply, { next: `${HERE}/delete` })) return reply;
    const { name } = readForm(request, z.object({ name: line }));
    if (name.trim() !== org.name) return confirm(request, reply, org.name, "This is not its name.");
    const acting = { org: org.id, actor: user.id, requestId: request.id };
    for (const id of await deleteOrg(app, acting).catch(refusedToPerson)) app.lanes.drop(id);
    leaveNotice(app, reply, {
      kind: "good",
      text: `${org.name} is deleted, and so are the keys that opened its credentials.`,
    });
    return reply.redirect("/login", 303);
  });

  async function ownedBy(request: FastifyRequest) {
    const member = await adminOf(app, request, "ownership");
    if (isPersonal(member.org))
      throw new PageProblem(409, "This organisation is yours alone", "It ends with your account, in your settings.");
    return member;
  }

  async function show(request: FastifyRequest, reply: FastifyReply, wrong: Pick<Field, "value" | "error"> = {}) {
    const { org } = await adminOf(app, request, "members");
    const now = app.clock.now();
    const offer = await findOffer(app.db, org.id, now);
    const to = offer && (await findMember(app.db, { org: org.id, user: offer.to_user, now }));
    const owns = mayLookAfter(org.role, "ownership") && !isPersonal(org);
    const data = {
      fields: [field({ name: "name", label: "Name", autocomplete: "organization", value: org.name, ...wrong })],
      tokens: {
        name: formToken(app, request, "organisation-name"),
        withdraw: formToken(app, request, "withdraw-offer"),
      },
      personal: isPersonal(org),
      id: org.id,
      home: org.region ?? undefined,
      elsewhere: elsewhere(org.region, app.config.regions),
      offer: owns && offer && to ? { name: to.name, until: day(offer.expires_at) } : undefined,
      ends: owns ? `${HERE}/delete` : undefined,
    };
    const status = wrong.error ? 422 : 200;
    return adminPage(reply, "admin-organisation", data, { title: "Organisation", here: HERE, status });
  }

  function confirm(request: FastifyRequest, reply: FastifyReply, name: string, error?: string) {
    const heading = `Delete ${name}?`;
    const data = {
      heading,
      consequences: [
        "The keys that open its credentials are destroyed, shared ones and those of every member in it.",
        "Every app and program of it loses access at once, and everybody is out of it, you too.",
        "The record of past calls stays. The keys themselves stay valid at the vendors: delete them there too.",
        "This cannot be undone.",
      ],
      action: `${HERE}/delete`,
      token: formToken(app, request, "delete-organisation"),
      hidden: [],
      fields: [field({ name: "name", label: `To confirm, type its name: ${name}`, error })],
      button: "Delete the organisation",
      back: HERE,
    };
    return page(reply, "confirm", data, { title: heading, narrow: true, status: error ? 422 : 200 });
  }
}
