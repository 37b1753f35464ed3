import { anchorKeys } from "../../gateway/audit/anchor-keys.ts";
import { readConfig } from "../../gateway/config.ts";
import { completeKeys } from "../../gateway/keys.ts";

/** The public halves, for whoever checks anchors without us. */
export async function printKeys(): Promise<number> {
  const { audit } = completeKeys(readConfig(), true).keys;
  for (const [kid, pem] of Object.entries(anchorKeys(audit).public)) console.log(`${kid}\n${pem}`);
  return 0;
}
