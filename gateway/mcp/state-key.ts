import { createHmac } from "node:crypto";
import type { FastifyInstance } from "fastify";

/** The first signs, and all verify, what a client carries from one request to the next; of no use for anything else that these keys sign. */
export const stateKeys = ({ keys }: Pick<FastifyInstance, "keys">): Uint8Array[] =>
  keys.cookies.map((key) => createHmac("sha256", key).update("request-state/v1").digest());
