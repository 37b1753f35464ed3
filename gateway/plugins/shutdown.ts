import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import fp from "fastify-plugin";

const EVERY_MS = 50;

/** So long before the end of all patience whoever still sends a request, or takes no answer, is cut off; the rest is for closing. */
const CUT_BEFORE_END_MS = 1_000;

/**
 * While closing, a connection whose last answer is out is closed at once. Node does so for those idle at the first
 * moment only; a client that was being served would keep the process up for as long as it keeps its connection.
 * One on which nothing was asked yet (browsers open them in advance) does not count as idle for Node at all.
 */
export default fp(
  async (app) => {
    const silent = new Set<Socket>();
    app.server.on("connection", (socket: Socket) => {
      silent.add(socket);
      socket.once("close", () => silent.delete(socket));
    });
    app.server.on("request", ({ socket }: IncomingMessage) => silent.delete(socket));

    app.addHook("preClose", async () => {
      if (!app.server.listening) return;
      for (const socket of silent) socket.destroy();
      const { patienceMs, drainMs } = app.config.shutdown;
      const sweep = setInterval(() => app.server.closeIdleConnections(), EVERY_MS).unref();
      const left = patienceMs - drainMs - CUT_BEFORE_END_MS;
      const cut = setTimeout(() => app.server.closeAllConnections(), Math.max(left, 0)).unref();
      app.server.once("close", () => {
        clearInterval(sweep);
        clearTimeout(cut);
      });
    });
  },
  { name: "shutdown", decorators: { fastify: ["config"] } },
);
