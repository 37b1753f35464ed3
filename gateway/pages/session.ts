import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  createSession,
  endSession,
  findSession,
  type Method,
  refreshSession,
  type SignedIn,
} from "../identity/sessions.ts";
import { recordSignIn } from "../identity/sign-in.ts";
import { owesSecondFactor } from "./second-demand.ts";

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
  { methods = ["password"], ...more }: { methods?: readonly Method[]; authenticatedAt?: number; org?: string } = {},
): Promise<{ signedInAt: number }> {
  await stopSession(app, request, reply);
  await recordSignIn(app, { userId, methods, requestId: request.id });
  const now = app.clock.now();
  const { token } = await createSession(app.db, { userId, now, methods, ...more });
  reply.setCookie(cookieName(app), token, cookieOptions(app));
  return { signedInAt: now };
}

/** Whoever is signed in showed again who they are: their session goes on under a new value. */
export async function renewSession(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  methods: readonly Method[],
): Promise<void> {
  const token = sessionToken(app, request)!; // requireSignIn
  const userId = request.signedIn!.user.id;
  await recordSignIn(app, { userId, methods, again: true, requestId: request.id });
  const next = await refreshSession(app.db, token, { methods, now: app.clock.now() });
  if (next) reply.setCookie(cookieName(app), next.token, cookieOptions(app));
}

export async function stopSession(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const token = sessionToken(app, request);
  if (token) await endSession(app.db, token);
  reply.clearCookie(cookieName(app), cookieOptions(app));
}

/**
 * For pages of one's own: others are sent to sign in first and come back; whoever owes the organisation a second factor
 * sets one up first.
 */
export async function requireSignIn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  if (!request.signedIn || !(await owesSecondFactor(request.server, request.signedIn))) return await requirePerson(request, reply); // biome-ignore format: one thought
  return reply.redirect("/settings/security", 303);
}

/** For the pages where one does that, and those that lead out. */
export async function requirePerson(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
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
