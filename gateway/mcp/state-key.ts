import { createHmac } from "node:crypto";
import type { FastifyInstance } from "fastify";

/** Signs what a client carries from one request to the next; of no use for anything else that these keys sign. */
export const stateKey = ({ keys }: Pick<FastifyInstance, "keys">): Uint8Array =>
  createHmac("sha256", keys.cookies[0]!).update("request-state/v1").digest();
