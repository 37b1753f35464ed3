import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Customer } from "../../../database/customers.ts";
import { findCustomer } from "../../../database/customers.ts";
import { IdentityError } from "../../../identity/errors.ts";
import { checkFormToken } from "../../form-token.ts";
import { leaveNotice } from "../../notice.ts";
import { PageProblem } from "../../page-problem.ts";
import { adminOf } from "../frame.ts";

export const HERE = "/admin/customers";

/** Whose customers, for who may look after them. */
export const customersOf = (app: FastifyInstance, request: FastifyRequest) => adminOf(app, request, "customers");

export async function namedCustomer(app: FastifyInstance, org: string, id: string): Promise<Customer> {
  const customer = await findCustomer(app.db, org, id);
  if (!customer)
    throw new PageProblem(404, "No such customer", "It was merged into another, or it is not of this organisation.");
  return customer;
}

/** Does what a form asks for, says how it went on the next page, and goes there. */
export async function changeByForm(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { back, said, change }: { back: string; said: string | (() => string); change: () => Promise<unknown> },
): Promise<FastifyReply> {
  checkFormToken(app, request, "customers");
  try {
    const next = await change();
    leaveNotice(app, reply, { kind: "good", text: typeof said === "string" ? said : said() });
    return reply.redirect(typeof next === "string" ? next : back, 303);
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    leaveNotice(app, reply, { kind: "bad", text: error.message });
    return reply.redirect(back, 303);
  }
}
