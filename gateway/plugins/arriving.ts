import type { IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import { networkOf } from "../database/rate-counters.ts";

/** Requests of which a part is still on its way, by the network that sends them. */
export interface Arriving {
  /** @returns what to call when it is over; undefined when as many of its network as may be are on their way already */
  admit(address: string, request: IncomingMessage): Promise<(() => void) | undefined>;
}

/** While more than this part of the requests that may be under way are, no network may have as many again that it sends slowly. */
export const SLOW_OF_ONE = 1 / 4;

/** @returns false when its network sends too many requests slowly already */
export async function isAdmitted(arriving: Arriving, { ip, raw }: FastifyRequest, reply: FastifyReply) {
  const forget = await arriving.admit(ip, raw);
  if (!forget) return false;
  if (reply.raw.destroyed) forget();
  else reply.raw.once("close", forget);
  return true;
}

export function createArriving(most: number): Arriving {
  const networks = new Map<string, Set<IncomingMessage>>();
  return {
    async admit(address, request) {
      const network = networkOf(address);
      const arriving = networks.get(network) ?? new Set();
      for (const one of arriving.size < most ? [] : arriving) if (one.complete) arriving.delete(one);
      if (arriving.size >= most) {
        await nextTurn(); // what came with its headers has been read by then
        return request.complete ? () => {} : undefined;
      }
      networks.set(network, arriving.add(request));
      return () => {
        arriving.delete(request);
        if (arriving.size === 0 && networks.get(network) === arriving) networks.delete(network);
      };
    },
  };
}
