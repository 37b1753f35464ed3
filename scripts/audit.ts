import { parseArgs } from "node:util";
import { verifyAll, verifyChain } from "../gateway/audit/verify.ts";
import { readConfig } from "../gateway/config.ts";
import { openDatabase } from "../gateway/database/index.ts";
import { completeKeys } from "../gateway/keys.ts";

// node scripts/audit.ts verify [--org <id>]: exit 0 intact, 1 broken, 2 wrong usage, 3 key missing.
const { positionals, values } = parseArgs({ allowPositionals: true, options: { org: { type: "string" } } });
if (positionals.join(" ") !== "verify") {
  console.error("Usage: node scripts/audit.ts verify [--org <id>]");
  process.exit(2);
}

const config = readConfig();
const { audit } = completeKeys(config, true).keys;
const db = await openDatabase(config.database);
const verdicts = values.org ? [await verifyChain(db, values.org, audit)] : await verifyAll(db, audit);
await db.destroy();

for (const verdict of verdicts) {
  if (verdict.ok) console.log(`${verdict.org}: intact, ${verdict.events} events`);
  else console.log(`${verdict.org}: ${verdict.reason} at event ${verdict.seq}`);
}
const broken = verdicts.filter((verdict) => !verdict.ok);
process.exit(broken.length === 0 ? 0 : broken.every(({ reason }) => reason === "key missing") ? 3 : 1);
