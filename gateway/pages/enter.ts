import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hasSecondFactor } from "../identity/factors/second-step.ts";
import type { Method } from "../identity/sessions.ts";
import { leaveForSecond } from "./second-cookie.ts";
import { renewSession, sessionToken, startSession } from "./session.ts";

/** Somebody who gave a proof of who they are, and where they wanted to go. */
export interface Entering {
  readonly userId: string;
  readonly methods: readonly Method[];
  /** When they did, where it was not here and now. */
  readonly authenticatedAt?: number;
  /** The authorize request it is part of. */
  readonly interaction?: string | undefined;
  /** A path of ours. */
  readonly next: string;
}

/** Signs them in and sends them on; whoever has a second factor is asked for it first. */
export async function enter(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { userId, methods, authenticatedAt, interaction, next }: Entering,
): Promise<FastifyReply> {
  if (await needsSecond(app, userId, methods))
    return await leaveForSecond(app, reply, {
      userId,
      methods,
      authenticatedAt: authenticatedAt ?? app.clock.now(),
      interaction,
      next,
    });
  await startSession(app, request, reply, userId, { methods, authenticatedAt });
  return reply.redirect(interaction ? `/interaction/${interaction}` : next, 303);
}

/** The same for somebody who is signed in and showed again who they are. */
export async function confirmAgain(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { methods, next }: { methods: readonly Method[]; next: string },
): Promise<FastifyReply> {
  const userId = request.signedIn!.user.id; // requireSignIn
  if (await needsSecond(app, userId, methods)) {
    const session = sessionToken(app, request);
    return await leaveForSecond(app, reply, { userId, methods, authenticatedAt: app.clock.now(), session, next });
  }
  await renewSession(app, request, reply, methods);
  return reply.redirect(next, 303);
}

/** Two in one: a passkey alone counts only when its device was unlocked for it, and some providers ask for two. */
const isTwo = (method: Method) => method === "passkey" || method === "mfa";

const needsSecond = async ({ db }: FastifyInstance, userId: string, methods: readonly Method[]) =>
  !methods.some(isTwo) && (await hasSecondFactor(db, userId));
