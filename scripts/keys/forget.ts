import { listKeyHolders } from "../../gateway/database/key-holders.ts";
import { forgetMaster } from "../../gateway/vault/forget-master.ts";
import { nameOf } from "../../gateway/vault/keys.ts";
import { withKeys } from "./open.ts";

/** Gives up what a lost master key wrapped, so that people can connect anew. @returns the exit code; undefined for wrong usage */
export async function forget(name: string | undefined, { yes }: { yes?: boolean }): Promise<number | undefined> {
  if (!name) return undefined;
  return await withKeys(async (house) => {
    if (house.keys.names.includes(nameOf(name))) {
      console.error(
        `${name} is in VAULT_KEYS, so nothing of it is lost. Rotate it instead: npm run keys -- rotate master`,
      );
      return 1;
    }
    if ((await listKeyHolders(house.db, house.clock.now())).length > 0) {
      console.error("A gateway runs. Stop it first; one that has ended counts for a minute and a half.");
      return 3;
    }
    const { userKeys, credentials } = await forgetMaster(house, name, { dryRun: yes !== true });
    console.log(`${userKeys} user keys and ${credentials} credentials need ${name}, which is not configured.`);
    if (yes) console.log("They are gone, and their connections ask for new keys. Start the gateway again.");
    else console.log("Nothing was changed. After a backup, and when the key cannot be found, repeat this with --yes.");
    return 0;
  });
}
