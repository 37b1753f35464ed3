import type { FastifyInstance, FastifyRequest } from "fastify";
import { countPending } from "../../database/approval-inbox.ts";
import { mayLookAfter } from "../../policy/roles.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** How many calls wait for an answer that the signed-in person can see. */
    waiting?: number;
  }
}

/** For the header of every page; what is posted leads to another page, which counts for itself. */
export async function countWaiting({ db, clock }: FastifyInstance, request: FastifyRequest): Promise<void> {
  if (!request.signedIn || request.method !== "GET") return;
  const { user, session } = request.signedIn;
  const viewer = { org: session.orgId, user: user.id, approves: mayLookAfter(session.role, "approve") };
  request.waiting = await countPending(db, viewer, clock.now());
}
