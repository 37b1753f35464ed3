import type { FastifyInstance, FastifyRequest } from "fastify";
import { isSigned, sign } from "../keys.ts";
import { PageProblem } from "./page-problem.ts";
import { sessionToken } from "./session.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What the form that was sent is for, once its token was found right. */
    formFor?: string;
  }
}

/**
 * Proves that a form was printed by us, for a browser's session, in its organisation and for this action: a form that was opened before
 * the browser went to another organisation does nothing there.
 */
export const formToken = (app: FastifyInstance, request: FastifyRequest, action: string): string =>
  sign(app.keys, "form/v1", what(app, request, action));

/** @throws PageProblem 403 */
export function checkFormToken(app: FastifyInstance, request: FastifyRequest, action: string): void {
  const given = String((request.body as Record<string, unknown> | null)?.["form_token"] ?? "");
  if (!isSigned(app.keys, "form/v1", what(app, request, action), given))
    throw new PageProblem(403, "This form is out of date", "Open the page again and repeat what you did.");
  request.formFor = action;
}

const what = (app: FastifyInstance, request: FastifyRequest, action: string) =>
  `${sessionToken(app, request) ?? ""}\0${request.signedIn?.session.orgId ?? ""}\0${action}`;
