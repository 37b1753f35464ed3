import type { FastifyInstance } from "fastify";
import { activeConnection, type Connection, sealedConnection } from "../connections/connections.ts";
import type { Call } from "./call.ts";

/** Without the one that was chosen at consent nothing is guessed: another account's data would be the answer. */
export async function connectionOf(app: FastifyInstance, call: Call, vendor: string): Promise<Connection | undefined> {
  const question = questionOf(call, vendor);
  return question && (await activeConnection(app.db, question));
}

/** The same with what is sealed for it, for who opens that now. */
export async function sealedConnectionOf(app: FastifyInstance, call: Call, vendor: string) {
  const question = questionOf(call, vendor);
  return question && (await sealedConnection(app.db, question));
}

function questionOf({ caller: { orgId: org, userId: user, reach } }: Call, vendor: string) {
  const id = reach.get(vendor);
  return id === undefined ? undefined : { org, user, vendor, id };
}
