import type { FastifyInstance } from "fastify";
import access from "./access.ts";
import approvals from "./approvals.ts";
import assistants from "./assistants.ts";
import data from "./data.ts";
import history from "./history.ts";
import lists from "./lists.ts";
import times from "./times.ts";
import why from "./why.ts";

/** `/admin/policy` and what lies below it. */
export default async function policy(app: FastifyInstance): Promise<void> {
  for (const routes of [access, approvals, lists, times, assistants, data, history, why]) await app.register(routes);
}
