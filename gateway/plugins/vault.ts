import fp from "fastify-plugin";
import { masterKeys } from "../vault/keys.ts";
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
    const vault = createVault({ db, audit, clock, keys: masters });
    app.decorate("vault", vault);
    app.addHook("onClose", async () => vault.close());
  },
  { name: "vault", dependencies: ["database", "keys", "audit"] },
);
