import type { FastifyInstance } from "fastify";
import connectionName from "./connection-name.ts";
import invitation from "./invitation.ts";
import organisationLeave from "./organisation-leave.ts";
import organisations from "./organisations.ts";

/** Where somebody is a member, comes in and leaves. What is looked after for others is below `/admin`. */
export async function organisationPages(scope: FastifyInstance): Promise<void> {
  for (const pages of [organisations, organisationLeave, invitation, connectionName]) await scope.register(pages);
}
