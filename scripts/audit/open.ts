import { readConfig } from "../../gateway/config.ts";
import { openDatabase } from "../../gateway/database/index.ts";
import { completeKeys, LASTING_KINDS } from "../../gateway/keys.ts";

/** What the gateway itself would open with this environment. */
export async function openGateway() {
  const config = readConfig();
  const { keys } = completeKeys(config, LASTING_KINDS);
  return { config, keys, db: await openDatabase(config.database) };
}
