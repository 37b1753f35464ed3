import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { beginSecondStep, type FirstStep, PENDING_MS } from "../identity/factors/second-step.ts";

const nameOf = ({ config }: FastifyInstance) => (config.publicUrl.startsWith("https:") ? "__Host-second" : "second");

const options = ({ config }: FastifyInstance) =>
  ({ path: "/", httpOnly: true, sameSite: "lax", secure: config.publicUrl.startsWith("https:") }) as const;

/** The bearer value of what is pending in this browser. */
export const pendingToken = (app: FastifyInstance, request: FastifyRequest): string | undefined =>
  request.cookies[nameOf(app)];

/** The first proof was right; now the second. There is no session before it. */
export async function leaveForSecond(
  app: FastifyInstance,
  reply: FastifyReply,
  step: FirstStep,
): Promise<FastifyReply> {
  const token = await beginSecondStep(app, step);
  reply.setCookie(nameOf(app), token, { ...options(app), maxAge: PENDING_MS / 1000 });
  return reply.redirect("/login/second", 303);
}

export const clearPending = (app: FastifyInstance, reply: FastifyReply): FastifyReply =>
  reply.clearCookie(nameOf(app), options(app));
