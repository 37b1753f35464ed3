import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { newToken } from "../database/ids.ts";

const nameOf = ({ config }: FastifyInstance) => (config.publicUrl.startsWith("https:") ? "__Host-browser" : "browser");

/** Which browser this is, for what one begins before anybody is signed in. Undefined where nothing was begun. */
export function browserOf(app: FastifyInstance, request: FastifyRequest): string | undefined {
  const cookie = request.cookies[nameOf(app)];
  const { valid, value } = cookie ? request.unsignCookie(cookie) : { valid: false, value: null };
  return valid && value ? value : undefined;
}

/** The same; a browser that has no mark yet gets one. Only after a post on a page of ours. */
export function markBrowser(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): string {
  const token = browserOf(app, request) ?? newToken();
  const secure = app.config.publicUrl.startsWith("https:");
  reply.setCookie(nameOf(app), token, {
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure,
    signed: true,
    maxAge: 3600,
  });
  return token;
}
