import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Method } from "../identity/sessions.ts";
import { startSession } from "./session.ts";

/** Somebody who showed who they are, and where they wanted to go. */
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

/** Signs them in, and sends them on. */
export async function enter(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { userId, methods, authenticatedAt, interaction, next }: Entering,
): Promise<FastifyReply> {
  await startSession(app, request, reply, userId, { methods, authenticatedAt });
  return reply.redirect(interaction ? `/interaction/${interaction}` : next, 303);
}
