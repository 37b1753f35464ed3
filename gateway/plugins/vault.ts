import fp from "fastify-plugin";
import { localKeys } from "../vault/keys.ts";
import { createVault, type Vault } from "../vault/vault.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Vendor credentials, sealed per owner. */
    readonly vault: Vault;
  }
}

export default fp(
  async (app) => {
    const { db, audit, clock, keys } = app;
    app.decorate("vault", createVault({ db, audit, clock, keys: localKeys(keys.vault) }));
  },
  { name: "vault", dependencies: ["database", "keys", "audit"] },
);
