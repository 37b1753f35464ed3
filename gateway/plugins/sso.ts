import fp from "fastify-plugin";
import { fetchConfigured } from "../connections/outbound.ts";
import { type SsoProvider, ssoProvider } from "../identity/sso/provider.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Where people may sign in besides here. */
    readonly ssoProviders: readonly SsoProvider[];
  }
}

export default fp(
  async (app) => {
    const now = () => app.clock.now();
    const providers = app.config.providers.map((provider) => {
      const fetch = fetchConfigured(new URL(provider.issuer).origin, app.outbound);
      return ssoProvider(provider, { fetch, now });
    });
    app.decorate("ssoProviders", providers);
  },
  { name: "sso", dependencies: ["connections"] },
);
