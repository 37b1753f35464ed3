import type { Socket } from "node:net";
import fp from "fastify-plugin";
import { networkOf } from "../database/rate-counters.ts";

/** For Fastify: how large headers may be, and how slowly they may come. */
export const HTTP_BOUNDS = { maxHeaderSize: 16_384, headersTimeout: 15_000, connectionsCheckingInterval: 5_000 };

/** After so long in which nothing is sent or taken a connection is closed. The longest call, which is silent until it answers, takes less. */
export const SILENCE_MS = 300_000;

/** Of headers that a request may have; Node leaves out the others. */
const MOST_HEADERS = 100;

/** Bounds how many connections the process, and each address (with IPv6 each network), may hold. Behind a trusted proxy all come from that one address. */
export default fp(
  async (app) => {
    const { all, perAddress } = app.config.sockets;
    app.server.maxConnections = all;
    app.server.maxHeadersCount = MOST_HEADERS;
    if (app.config.trustProxy) return;
    const open = new Map<string, number>();
    app.server.on("connection", (socket: Socket) => {
      const address = networkOf(socket.remoteAddress ?? "");
      const count = (open.get(address) ?? 0) + 1;
      open.set(address, count);
      socket.once("close", () => {
        const left = open.get(address)! - 1;
        if (left > 0) open.set(address, left);
        else open.delete(address);
      });
      if (count > perAddress) socket.destroy();
    });
  },
  { name: "sockets", decorators: { fastify: ["config"] } },
);
