import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { looksAfterAnything } from "../../policy/roles.ts";
import { adminOf, adminPage } from "../admin/frame.ts";
import { page } from "../render.ts";
import type { Views } from "../views.ts";

/** Beside the organisation's pages for who looks after any of them; everybody else asks for calls, too. */
export async function framed<View extends "approvals" | "approval" | "standing">(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  view: View,
  data: Views[View],
  title: string,
): Promise<FastifyReply> {
  if (!looksAfterAnything(request.signedIn!.session.role)) return page(reply, view, data, { title });
  await adminOf(app, request);
  return adminPage(reply, view, data, { title, here: "/approvals" });
}
