import fp from "fastify-plugin";
import { masterKeys, nameOf } from "../vault/keys.ts";
import { timedKeys } from "../vault/timed-keys.ts";
import { createVault, type Vault } from "../vault/vault.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Vendor credentials, sealed per owner. */
    readonly vault: Vault;
  }
}

export default fp(
  async (app) => {
    const { db, audit, clock, keys, config } = app;
    const masters = await masterKeys(keys.vault, { transit: config.transit });
    const services = new Map(keys.vault.map((key) => [key.kid, "service" in key ? key.service : "local"]));
    const serviceOf = (kid: string) => services.get(nameOf(kid)) ?? "unknown";
    const vault = createVault({
      db,
      audit,
      clock,
      keys: timedKeys(masters, app.metrics, serviceOf),
      regions: config.regions,
    });
    app.decorate("vault", vault);
    app.addHook("onClose", async () => vault.close());
  },
  { name: "vault", dependencies: ["database", "keys", "audit", "metrics"] },
);
