import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import approvals from "../approvals/routes.ts";
import { requireSignIn } from "../session.ts";
import alerts from "./alerts.ts";
import audit from "./audit.ts";
import connections from "./connections.ts";
import customers from "./customers/plugin.ts";
import data from "./data.ts";
import installation from "./installation.ts";
import { memberPages } from "./member-pages.ts";
import type { AdminPath } from "./navigation.ts";
import organisation from "./organisation.ts";
import overview from "./overview.ts";
import policy from "./policy/plugin.ts";
import programs from "./programs.ts";
import tools from "./tools/plugin.ts";
import usage from "./usage.ts";

/** The pages of an organisation, by where they live. What is not here is not in the navigation either. */
const PAGES: Partial<Record<AdminPath, FastifyPluginAsync>> = {
  "/admin": overview,
  "/admin/organisation": organisation,
  "/admin/members": memberPages,
  "/admin/connections": connections,
  "/admin/programs": programs,
  "/admin/customers": customers,
  "/admin/policy": policy,
  "/admin/audit": audit,
  "/admin/alerts": alerts,
  "/approvals": approvals,
  "/admin/tools": tools,
  "/admin/usage": usage,
  "/admin/data": data,
  "/admin/installation": installation,
};

/** Everything below `/admin`, and what belongs to it elsewhere: signed in, one file per page. */
export async function adminPages(scope: FastifyInstance): Promise<void> {
  scope.decorate("adminPaths", new Set(Object.keys(PAGES) as AdminPath[])); // the keys are these
  await scope.register(async (admin) => {
    admin.addHook("preHandler", requireSignIn);
    for (const routes of Object.values(PAGES)) await admin.register(routes);
  });
}
