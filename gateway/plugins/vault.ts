import fp from "fastify-plugin";
import { ConfigError } from "../config.ts";
import { inSystemScope } from "../database/scope.ts";
import { heldIn } from "../keys.ts";
import { repeat } from "../repeat.ts";
import { checkStoredKeys } from "../vault/daily-check.ts";
import { masterKeys, nameOf } from "../vault/keys.ts";
import { strangeKeys } from "../vault/strange-keys.ts";
import { timedKeys } from "../vault/timed-keys.ts";
import { createVault, type Vault } from "../vault/vault.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Vendor credentials, sealed per owner. */
    readonly vault: Vault;
    /** The daily look at what is stored. */
    readonly keyCheck: {
      /** Does it now, if it is due and nobody else is at it; whether it did. */
      run(): Promise<boolean>;
    };
  }
}

/** How often a replica asks whether it is due. */
const CHECK_EVERY_MS = 10 * 60_000;

export default fp(
  async (app) => {
    const { db, audit, clock, keys, config } = app;
    const masters = await masterKeys(keys.vault, { transit: config.transit });
    const strange = await strangeKeys(db, masters);
    if (strange.length > 0) throw new ConfigError(strange.map((kid) => `${heldIn(config, "vault")}: ${wordsOf(kid)}`));
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
    const check = () => inSystemScope(() => checkStoredKeys({ db, audit, clock, keys: masters, log: app.log }));
    app.decorate("keyCheck", { run: check });
    repeat(app, { everyMs: CHECK_EVERY_MS, what: "check of stored keys" }, check);
    app.addHook("onClose", async () => vault.close());
  },
  { name: "vault", dependencies: ["database", "keys", "audit", "metrics"] },
);

/** Another name keeps apart what each key wraps; then the lost one can be given up, and a found one be put beside. */
const wordsOf = (kid: string) =>
  `the key that is called ${kid} opens nothing of what is stored under this name, as if it were another installation's. Put the right key back. Only when that is lost for good: give this one another name, and give up what the lost one wrapped with: npm run keys -- forget ${nameOf(kid)}, see docs/keys.md`;
