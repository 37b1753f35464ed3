import fp from "fastify-plugin";
import { kidsInUse } from "../database/user-keys.ts";
import { opens } from "../vault/health.ts";
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
    for (const kid of await kidsInUse(db))
      if (serviceOf(kid) === "local" && (await opens(db, masters, kid)) !== "ok") app.log.error(strange(kid));
    app.addHook("onClose", async () => vault.close());
  },
  { name: "vault", dependencies: ["database", "keys", "audit", "metrics"] },
);

const strange = (kid: string) =>
  `VAULT_KEYS: the key that is called ${kid} does not open what is stored under this name, as if it were another installation's. Put the right one back before anybody connects, and look with: npm run keys -- verify`;
