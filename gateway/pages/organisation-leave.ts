import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { IdentityError } from "../identity/errors.ts";
import { leaveOrg } from "../identity/members.ts";
import type { MemberOrg } from "../identity/orgs.ts";
import { acceptOwnership, endOwnershipOffer, offerFor } from "../identity/ownership.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { requireFresh } from "./fresh.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { requireSignIn } from "./session.ts";

declare module "./views.ts" {
  interface Views {
    "ownership-offer": {
      organisation: string;
      action: string;
      decline: string;
      token: string;
      consequences: readonly string[];
    };
  }
}

interface Named {
  Params: { org: string };
}

/** `/organisations/{org}/…`: what a member decides for themselves, whichever organisation the browser is in. */
export default async function organisationLeave(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.get<Named>("/organisations/:org/leave", async (request, reply) => {
    const org = memberIn(request);
    const heading = `Leave ${org.name}?`;
    const data = {
      heading,
      consequences: [
        "Apps that act for you there lose access at once, and so does every browser of yours that is in it.",
        "Your own connections there are deleted, with the key that opens them. What you made for the organisation stays.",
        "To come back you need a new invitation.",
      ],
      action: `/organisations/${org.id}/leave`,
      token: formToken(app, request, `leave ${org.id}`),
      hidden: [],
      fields: [],
      button: "Leave",
      back: "/organisations",
    };
    return page(reply, "confirm", data, { title: heading, narrow: true });
  });

  app.post<Named>("/organisations/:org/leave", async (request, reply) => {
    const org = memberIn(request);
    checkFormToken(app, request, `leave ${org.id}`);
    const closed = await leaveOrg(app, acting(request, org)).catch(problem);
    for (const id of closed) app.lanes.drop(id);
    leaveNotice(app, reply, { kind: "good", text: `You have left ${org.name}.` });
    return reply.redirect(org.id === request.signedIn!.session.orgId ? "/login" : "/organisations", 303);
  });

  app.get<Named>("/organisations/:org/ownership", async (request, reply) => {
    const org = memberIn(request);
    if (!requireFresh(app, request, reply)) return reply;
    const offer = await offerFor(app.db, acting(request, org), app.clock.now());
    if (!offer) throw over();
    return await show(request, reply, org, offer.stays_owner === 1);
  });

  app.post<Named>("/organisations/:org/ownership", async (request, reply) => {
    const org = memberIn(request);
    checkFormToken(app, request, `ownership ${org.id}`);
    if (!requireFresh(app, request, reply, { next: `/organisations/${org.id}/ownership` })) return reply;
    await acceptOwnership(app, acting(request, org)).catch(problem);
    leaveNotice(app, reply, { kind: "good", text: `You are an owner of ${org.name} now.` });
    return reply.redirect("/organisations", 303);
  });

  app.post<Named>("/organisations/:org/ownership/decline", async (request, reply) => {
    const org = memberIn(request);
    checkFormToken(app, request, `ownership ${org.id}`);
    if (!(await offerFor(app.db, acting(request, org), app.clock.now()))) throw over();
    await endOwnershipOffer(app, acting(request, org)).catch(problem);
    leaveNotice(app, reply, { kind: "good", text: "You have declined. Nothing changed." });
    return reply.redirect("/organisations", 303);
  });

  async function show(request: FastifyRequest, reply: FastifyReply, org: MemberOrg, staysOwner: boolean) {
    const data = {
      organisation: org.name,
      action: `/organisations/${org.id}/ownership`,
      decline: `/organisations/${org.id}/ownership/decline`,
      token: formToken(app, request, `ownership ${org.id}`),
      consequences: [
        "You may do everything in it: policy, people, connections, and deleting it.",
        staysOwner ? "Whoever offers it stays an owner beside you." : "Whoever offers it becomes an administrator.",
        "An organisation always has an owner: to leave, you hand it on first.",
      ],
    };
    return page(reply, "ownership-offer", data, { title: "Become an owner", narrow: true });
  }
}

/** @throws PageProblem for an organisation they are not a member of, as for one that is not there */
function memberIn(request: FastifyRequest<Named>): MemberOrg {
  const org = request.signedIn!.orgs.find(({ id }) => id === request.params.org); // requireSignIn
  if (!org) throw new PageProblem(404, "No such organisation", "You are not a member of it, or not any more.");
  return org;
}

const acting = (request: FastifyRequest, { id: org }: MemberOrg) => ({
  org,
  actor: request.signedIn!.user.id, // requireSignIn
  requestId: request.id,
});

const over = () => new PageProblem(404, "No such offer", "It was taken back or declined, or is older than a week.");

/** @throws PageProblem in place of a refusal that is for the person */
function problem(error: unknown): never {
  if (error instanceof IdentityError) throw new PageProblem(409, "This cannot be done", error.message);
  throw error;
}
