import type { FastifyInstance } from "fastify";
import member from "./member.ts";
import members from "./members.ts";

/** All of them, and each. */
export async function memberPages(app: FastifyInstance): Promise<void> {
  await app.register(members);
  await app.register(member);
}
