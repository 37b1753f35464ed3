import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import { ConfigError } from "../config.ts";
import { keysOfHeads } from "../database/audit-events.ts";
import { forgetKeyHolder, HOLDER_EVERY_MS, noteKeyHolder } from "../database/key-holders.ts";
import { inSystemScope } from "../database/scope.ts";
import { kidsInUse } from "../database/user-keys.ts";
import { completeKeys, type KeyKind, type Keys } from "../keys.ts";
import { namesOf } from "../vault/key-names.ts";
import { nameOf } from "../vault/keys.ts";
import { somethingSealed } from "../vault/strange-keys.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** The gateway's own secrets, and the files that were made for them just now. */
    readonly keys: Keys & { readonly made: readonly string[] };
  }
}

export default fp(
  async (app) => {
    const { keys, made } = completeKeys(app.config, await keptKinds(app));
    const unknown = (await kidsInUse(app.db)).filter((kid) => !keys.vault.some((key) => key.kid === nameOf(kid)));
    if (unknown.length > 0)
      throw new ConfigError([
        `VAULT_KEYS: stored credentials need the master key ${unknown.join(", ")}: put it back behind the first one, from your backup of keys; docs/keys.md says what to do when there is none`,
      ]);
    app.decorate("keys", { ...keys, made });
    tellWhichKeys(app, keys);
  },
  { name: "keys", dependencies: ["database"] },
);

/** Kinds of keys that something stored needs. Asked only where the environment leaves keys to DATA_DIR. */
async function keptKinds({ config, db }: FastifyInstance): Promise<KeyKind[]> {
  const kept: KeyKind[] = [];
  if (!config.keys.vault && (await somethingSealed(db))) kept.push("vault");
  if (!config.keys.audit && (await keysOfHeads(db)).size > 0) kept.push("audit");
  return kept;
}

/** So that a rotation can see whether every gateway that runs has the new key. Names only, and never in the way. */
function tellWhichKeys(app: FastifyInstance, keys: Keys) {
  const process = randomUUID();
  const names = namesOf(keys);
  const note = () =>
    inSystemScope(() => noteKeyHolder(app.db, process, names, app.clock.now())).catch((err: unknown) =>
      app.log.warn({ err }, "keys not noted"),
    );
  const timer = setInterval(note, HOLDER_EVERY_MS).unref();
  app.addHook("onReady", note);
  app.addHook("onClose", async () => {
    clearInterval(timer);
    await inSystemScope(() => forgetKeyHolder(app.db, process)).catch(() => {});
  });
}
