import { masterKey } from "../../gateway/audit/chain.ts";
import { refuseForeignTrail } from "../../gateway/audit/foreign-trail.ts";
import { forgetAuditKeys } from "../../gateway/audit/forget.ts";
import { readConfig } from "../../gateway/config.ts";
import { DatabaseProblem } from "../../gateway/database/postgres-server.ts";
import { holdAlone } from "../../gateway/database/serving.ts";
import { forgetMaster } from "../../gateway/vault/forget-master.ts";
import { nameOf } from "../../gateway/vault/keys.ts";
import { neededKids } from "../../gateway/vault/needed.ts";
import { type KeyHouse, withKeys } from "./open.ts";
import { sayUnknown } from "./unknown.ts";

interface Options {
  readonly audit?: boolean;
  readonly yes?: boolean;
}

/** Gives up a key that is lost, so that the gateway starts again. @returns the exit code; undefined for wrong usage */
export async function forget(
  name: string | undefined,
  { audit = false, yes = false }: Options,
): Promise<number | undefined> {
  if (audit === (name !== undefined)) return undefined;
  return await withKeys(async (house) => {
    const held = await holdAlone(readConfig().database, "database of the lost key").catch(refusal);
    if (typeof held === "string") {
      console.error(held);
      return 3;
    }
    try {
      return name === undefined ? await forgetAudit(house, yes) : await forgetName(house, name, yes);
    } finally {
      await held.release();
    }
  });
}

function refusal(error: unknown): string {
  if (error instanceof DatabaseProblem) return error.message;
  throw error;
}

/** What it wrapped goes, so that people can connect anew. */
async function forgetName(house: KeyHouse, name: string, yes: boolean): Promise<number> {
  if (house.keys.names.includes(nameOf(name))) {
    console.error(
      `${name} is in VAULT_KEYS, so nothing of it is lost. Rotate it instead: npm run keys -- rotate master`,
    );
    console.error(
      `If another key stands there under this name, and the right one is lost: give that one another name first.`,
    );
    return 1;
  }
  const needed = await neededKids(house.db);
  if (!needed.some(({ kid }) => kid === name || nameOf(kid) === name)) return sayUnknown(house, name, needed);
  await refuseForeignTrail(house.db, house.own.audit);
  const { userKeys, credentials } = await forgetMaster(house, name, { dryRun: !yes });
  console.log(`${userKeys} user keys and ${credentials} credentials need ${name}, which is not configured.`);
  if (yes) console.log("They are gone, and their connections ask for new keys. Start the gateway again.");
  else console.log("Nothing was changed. After a backup, and when the key cannot be found, repeat this with --yes.");
  return 0;
}

/** Events of it stay, unproven; chains go on with the key that is here. */
async function forgetAudit({ db, audit, own }: KeyHouse, yes: boolean): Promise<number> {
  const { keys, orgs } = await forgetAuditKeys({ db, audit, keys: own.audit }, { dryRun: !yes });
  const [first] = own.audit.map((key) => masterKey(key).id);
  if (orgs === 0) {
    console.log(
      `The last events were linked with keys that are here (the first is ${first}): there is nothing to give up.`,
    );
    return 0;
  }
  console.log(
    `The last events of ${orgs} organisations were linked with ${keys.join(", ")}, which is not in AUDIT_KEY.`,
  );
  if (yes)
    console.log(`Their trails go on with ${first}, and say so. What the lost key linked stays and cannot be proven.`);
  else console.log("Nothing was changed. After a backup, and when the key cannot be found, repeat this with --yes.");
  return 0;
}
