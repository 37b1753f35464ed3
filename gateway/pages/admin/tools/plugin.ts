import type { FastifyInstance } from "fastify";
import change from "./change.ts";
import list from "./list.ts";
import one from "./one.ts";

/** `/admin/tools` and what lies below it. */
export default async function tools(app: FastifyInstance): Promise<void> {
  for (const routes of [list, change, one]) await app.register(routes);
}
