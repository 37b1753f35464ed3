import { createHmac, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { PageProblem } from "./page-problem.ts";
import { sessionToken } from "./session.ts";

/** Proves that a form was printed by us, for this session and for this action. */
export function formToken(app: FastifyInstance, request: FastifyRequest, action: string): string {
  return sign(app.keys.cookies[0]!, sessionToken(app, request) ?? "", action);
}

/** @throws PageProblem 403 */
export function checkFormToken(app: FastifyInstance, request: FastifyRequest, action: string): void {
  const given = Buffer.from(String((request.body as Record<string, unknown> | null)?.["form_token"] ?? ""));
  const session = sessionToken(app, request) ?? "";
  const valid = app.keys.cookies.some((key) => {
    const expected = Buffer.from(sign(key, session, action));
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  if (!valid) throw new PageProblem(403, "This form is out of date", "Open the page again and repeat what you did.");
}

const sign = (key: string, session: string, action: string) =>
  createHmac("sha256", key).update(`form/v1\0${session}\0${action}`).digest("base64url");
