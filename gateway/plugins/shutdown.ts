import fp from "fastify-plugin";

const EVERY_MS = 50;

/**
 * While closing, a connection whose last answer is out is closed at once. Node does so for those idle at the first
 * moment only; a client that was being served would keep the process up for as long as it keeps its connection.
 */
export default fp(
  async (app) => {
    app.addHook("preClose", async () => {
      if (!app.server.listening) return;
      const sweep = setInterval(() => app.server.closeIdleConnections(), EVERY_MS).unref();
      app.server.once("close", () => clearInterval(sweep));
    });
  },
  { name: "shutdown" },
);
