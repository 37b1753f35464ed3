import { anchorKeys } from "../../gateway/audit/anchor-keys.ts";
import { readConfig } from "../../gateway/config.ts";
import { completeKeys, LASTING_KINDS } from "../../gateway/keys.ts";

/** The public halves, for whoever checks anchors without us. */
export async function printKeys(): Promise<number> {
  const { audit } = completeKeys(readConfig(), LASTING_KINDS).keys;
  for (const [kid, pem] of Object.entries(anchorKeys(audit).public)) console.log(`${kid}\n${pem}`);
  return 0;
}
