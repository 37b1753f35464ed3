import { ConfigError } from "../config.ts";
import { headLinkedBy, keysOfHeads } from "../database/audit-events.ts";
import type { Db } from "../database/index.ts";
import { masterKey } from "./chain.ts";

/**
 * Keeps a chain from going on with the key of another installation: what it links, the own key does not verify.
 * @param where what holds the keys, for the sentence
 * @returns ids of other keys that linked the last events of some organisations; the installation is ours nevertheless
 * @throws ConfigError when none of these keys linked the last event of any organisation
 */
export async function refuseForeignTrail(db: Db, masters: readonly Buffer[], where = "AUDIT_KEY"): Promise<string[]> {
  const ours = masters.map((key) => masterKey(key).id);
  const strange = [...(await keysOfHeads(db))].filter((id) => !ours.includes(id)).sort();
  if (strange.length === 0 || (await headLinkedBy(db, ours))) return strange;
  throw new ConfigError([
    `${where}: the last events of the audit log were linked with another key (${strange.join(", ")}), as if this were another installation's. Put that key back, behind the first one after a rotation. Only when it is lost for good: npm run keys -- forget --audit, see docs/keys.md`,
  ]);
}
