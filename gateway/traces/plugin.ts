import fp from "fastify-plugin";
import manifest from "../../package.json" with { type: "json" };
import type { Span } from "./span.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The trace this request is part of, where traces are made. */
    span?: Span;
  }
}

/** A trace for every request, from the client's `traceparent` on; without a collector nothing of this is there. */
export default fp(
  async (app) => {
    const { traces: config } = app.config;
    if (!config) return;
    const { openTraces } = await import("./otlp.ts");
    const traces = openTraces({
      ...config,
      version: manifest.version,
      onTrouble: (err) =>
        err ? app.log.warn({ err }, "traces cannot be delivered") : app.log.info("traces are delivered again"),
    });
    app.decorateRequest("span");
    app.addHook("onRequest", async (request) => {
      const { method, routeOptions, headers } = request;
      const route = routeOptions.url ?? "none";
      request.span = traces.begin(`${method} ${route}`, { method, route }, headers["traceparent"]);
    });
    app.addHook("onResponse", async ({ span }, { statusCode: status }) => span?.end({ status }, status >= 500));
    app.addHook("onClose", () => traces.close());
  },
  { name: "traces", decorators: { fastify: ["config"] } },
);
