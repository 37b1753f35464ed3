import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Decider } from "../../approvals/who.ts";
import type { Viewer } from "../../database/approval-inbox.ts";
import { isLimited } from "../../identity/customers/limits.ts";
import { mayLookAfter, roleWithin } from "../../policy/roles.ts";
import { memberOf } from "../settings-nav.ts";

export interface Who {
  readonly organisation: string;
  readonly viewer: Viewer;
  readonly decider: Decider;
}

/** The signed-in person, in the organisation of their session. */
export async function whoOf(app: FastifyInstance, request: FastifyRequest): Promise<Who> {
  const { user, org, owner } = await memberOf(app, request);
  const { session } = request.signedIn!; // requireSignIn
  const role = roleWithin(org.role, (await isLimited(app.db, owner)) ?? true);
  return {
    organisation: org.name,
    viewer: { org: org.id, user: user.id, approves: mayLookAfter(role, "approve") },
    decider: { id: user.id, role, signedInAt: session.authenticatedAt },
  };
}
