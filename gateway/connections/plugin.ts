import fp from "fastify-plugin";
import { createLanes, type Lanes } from "./lanes.ts";
import { type Fetch, guardedFetch } from "./outbound.ts";
import type { Renewals } from "./sign-in/renew.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** The way out to vendors and to documents of clients. Guarded, unless a test brought its own. */
    readonly outbound: Fetch;
    /** Limiters and minted vendor tokens, by connection. */
    readonly lanes: Lanes;
    /** Renewals of vendor tokens under way. */
    readonly renewals: Renewals;
  }
}

export default fp<{ fetch?: Fetch }>(
  async (app, { fetch }) => {
    app.decorate("outbound", fetch ?? guardedFetch());
    app.decorate("lanes", createLanes({ now: () => app.clock.now() }));
    app.decorate("renewals", new Map());
  },
  { name: "connections", decorators: { fastify: ["config", "clock", "vendors"] } },
);
