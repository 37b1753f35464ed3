import { parseArgs } from "node:util";
import { explained } from "./explained.ts";

/** `npm run audit -- <what>`: exit 0 intact or done, 1 broken, 2 wrong usage or anchor missing, 3 key missing. */
const USAGE = `Usage:
  npm run audit -- verify [--org <id>] [--anchors <file>] [--json]
  npm run audit -- retain
  npm run audit -- keys
  npm run audit -- evidence --org <id> --out <folder>`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { org: { type: "string" }, anchors: { type: "string" }, json: { type: "boolean" }, out: { type: "string" } },
});

const commands: Record<string, () => Promise<number>> = {
  verify: async () => (await import("./audit/verify.ts")).verify(values as never),
  retain: async () => (await import("./audit/retain.ts")).retain(),
  evidence: async () => (await import("./audit/evidence.ts")).evidence(values as never),
  keys: async () => (await import("./audit/keys.ts")).printKeys(),
};

const command = positionals.length === 1 ? commands[positionals[0]!] : undefined;
const known = new Set(["org", "anchors", "json", "out"]);
const wrong = Object.entries(values).find(([name, value]) => !known.has(name) || value === "");
if (!command || wrong) {
  console.error(wrong ? `There is no option --${wrong[0]}, or it has no value.\n${USAGE}` : USAGE);
  process.exit(2);
}
process.exit(await explained(command));
