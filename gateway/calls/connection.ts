import type { FastifyInstance } from "fastify";
import { activeConnection, type Connection } from "../connections/connections.ts";
import type { Call } from "./call.ts";

/** Without the one that was chosen at consent nothing is guessed: another account's data would be the answer. */
export async function connectionOf(
  app: FastifyInstance,
  { caller }: Call,
  vendor: string,
): Promise<Connection | undefined> {
  const { orgId: org, userId: user, reach } = caller;
  const id = reach.get(vendor);
  return id === undefined ? undefined : await activeConnection(app.db, { org, user, vendor, id });
}
