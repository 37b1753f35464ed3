import fp from "fastify-plugin";
import { ConfigError } from "../config.ts";
import { credentialsExist } from "../database/credentials.ts";
import { kidsInUse } from "../database/user-keys.ts";
import { completeKeys, type Keys } from "../keys.ts";
import { nameOf } from "../vault/keys.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** The gateway's own secrets, and the files that were made for them just now. */
    readonly keys: Keys & { readonly made: readonly string[] };
  }
}

export default fp(
  async (app) => {
    const { keys, made } = completeKeys(app.config, await credentialsExist(app.db));
    const unknown = (await kidsInUse(app.db)).filter((kid) => !keys.vault.some((key) => key.kid === nameOf(kid)));
    if (unknown.length > 0)
      throw new ConfigError([`VAULT_KEYS: stored credentials need the master key ${unknown.join(", ")}`]);
    app.decorate("keys", { ...keys, made });
  },
  { name: "keys", dependencies: ["database"] },
);
