import type { FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { createMetrics, type Metrics } from "./metrics.ts";
import { createUpstreams, type Upstreams } from "./upstreams.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Figures for whoever runs the gateway; definitions.ts has all of them. */
    readonly metrics: Metrics;
    /** How vendors have answered lately. */
    readonly upstreams: Upstreams;
  }
}

/** Counts and times every answer, by the route's pattern. */
export default fp(
  async (app) => {
    const { port, token } = app.config.metrics;
    const metrics = createMetrics({ process: port !== undefined || token !== undefined });
    app.decorate("metrics", metrics);
    app.decorate("upstreams", createUpstreams(Date.now));
    const { httpRequests, httpSeconds } = metrics;
    app.addHook("onResponse", (request, reply, done) => {
      const method = methodOf(request);
      const route = routeOf(request);
      httpRequests.inc({ method, route, status: statusClass(reply.statusCode) });
      httpSeconds.observe({ method, route }, reply.elapsedTime / 1000);
      done();
    });
  },
  { name: "metrics", decorators: { fastify: ["config"] } },
);

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A word of HTTP's, whatever the request says. */
export const methodOf = ({ method }: FastifyRequest) => (METHODS.has(method) ? method : "other");

/** The pattern, never the address; all that has no route is one. */
const routeOf = ({ routeOptions }: FastifyRequest) => routeOptions.url ?? "none";

/** 404 → 4xx */
export const statusClass = (status: number) => `${Math.floor(status / 100)}xx`;
