import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Notice } from "./render.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What the step before came to; shown once. */
    notice?: Notice;
  }
}

const COOKIE = "notice";

/** Says it on the next page. Signed, so that nobody else puts words there. */
export function leaveNotice(app: FastifyInstance, reply: FastifyReply, notice: Notice): void {
  const secure = app.config.publicUrl.startsWith("https:");
  const value = Buffer.from(JSON.stringify(notice)).toString("base64url");
  reply.setCookie(COOKIE, value, { path: "/", httpOnly: true, sameSite: "lax", secure, signed: true, maxAge: 60 });
}

export function takeNotice(request: FastifyRequest, reply: FastifyReply): void {
  const cookie = request.cookies[COOKIE];
  if (!cookie || request.method !== "GET") return;
  const { valid, value } = request.unsignCookie(cookie);
  if (valid && value) request.notice = JSON.parse(Buffer.from(value, "base64url").toString());
  reply.clearCookie(COOKIE, { path: "/" });
}
