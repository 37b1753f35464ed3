import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type GoOn, keepForm } from "./kept-form.ts";
import { localPath } from "./session.ts";

/** For what is dangerous: whoever sits at the browser now must be the person, not somebody who found it open. */
export const FRESH_MS = 5 * 60_000;

/**
 * Whether the signed-in person showed who they are within `within` milliseconds. Otherwise they are on their way to do
 * that, and the route has nothing more to say:
 *
 *     if (!requireFresh(app, request, reply, { within: FRESH_MS })) return reply;
 *
 * @param next the page of ours to come back to, where they repeat what they did; the form's own page unless said
 * @param goOn keeps what was sent, for a form without secrets: they come back to that, one press before it is done
 */
export function requireFresh(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { within = FRESH_MS, next, goOn }: { within?: number; next?: string; goOn?: GoOn } = {},
): boolean {
  const { session } = request.signedIn!; // requireSignIn
  if (app.clock.now() - session.authenticatedAt < within) return true;
  askAgain(app, request, reply, { next, goOn });
  return false;
}

/** Sends them to show who they are, and back from there. */
export function askAgain(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { next, goOn }: { next?: string | undefined; goOn?: GoOn | undefined },
): FastifyReply {
  const kept = goOn && keepForm(app, request, goOn);
  const back = kept ?? next ?? goOn?.back ?? (request.method === "GET" ? request.url : pageOf(app, request));
  return reply.redirect(`/login/again?next=${encodeURIComponent(back)}`, 303);
}

/** Where the form stood: what was posted is gone, so the person sees it again. */
function pageOf({ config }: FastifyInstance, { headers }: FastifyRequest): string {
  const page = URL.parse(headers.referer ?? "");
  return page?.origin === config.publicUrl ? localPath(page.pathname + page.search, "/settings") : "/settings";
}
