import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { createSession, endSession, findSession, type SignedIn } from "../identity/sessions.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who is signed in with this browser; set for every page. */
    signedIn?: SignedIn;
  }
}

const cookieName = ({ config }: FastifyInstance) =>
  config.publicUrl.startsWith("https:") ? "__Host-session" : "session";

const cookieOptions = ({ config }: FastifyInstance) =>
  ({ path: "/", httpOnly: true, sameSite: "lax", secure: config.publicUrl.startsWith("https:") }) as const;

/** The bearer value of this browser's session, if it sent one. */
export const sessionToken = (app: FastifyInstance, request: FastifyRequest): string | undefined =>
  request.cookies[cookieName(app)];

export async function readSession(app: FastifyInstance, request: FastifyRequest): Promise<void> {
  request.signedIn = await findSession(app.db, sessionToken(app, request), app.clock.now());
}

/** A new session with a new value, whoever was signed in before. */
export async function startSession(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  userId: string,
): Promise<{ signedInAt: number }> {
  await stopSession(app, request, reply);
  const now = app.clock.now();
  const { token } = await createSession(app.db, { userId, now });
  reply.setCookie(cookieName(app), token, cookieOptions(app));
  return { signedInAt: now };
}

export async function stopSession(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const token = sessionToken(app, request);
  if (token) await endSession(app.db, token);
  reply.clearCookie(cookieName(app), cookieOptions(app));
}

/** For pages of one's own: others are sent to sign in first and come back. */
export async function requireSignIn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  if (request.signedIn) return undefined;
  const next = request.method === "GET" ? request.url : "/settings";
  return reply.redirect(`/login?next=${encodeURIComponent(next)}`, 303);
}

/** A path of ours to go on to, or the fallback: an address elsewhere would make our sign-in page a trap. */
export function localPath(wanted: unknown, fallback: string): string {
  const base = "http://here.invalid";
  if (typeof wanted !== "string" || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(wanted)) return fallback;
  const url = URL.parse(wanted, base);
  return url?.origin === base ? url.pathname.replace(/^\/+/, "/") + url.search : fallback;
}
