import type { FastifyInstance } from "fastify";
import detail from "./detail.ts";
import imports from "./import.ts";
import list from "./list.ts";
import people from "./people.ts";

/** The client companies: the list, each of them, how they come from vendors, and who is limited to which. */
export default async function customers(app: FastifyInstance): Promise<void> {
  for (const routes of [list, imports, people, detail]) await app.register(routes);
}
