import { parseArgs } from "node:util";

/** `npm run keys -- <what>`: exit 0 done or well, 1 something does not open or is left, 2 wrong usage, 3 busy or away. */
const USAGE = `Usage:
  npm run keys -- status
  npm run keys -- rotate master [--per-second <rows>]
  npm run keys -- rotate users --all | --org <id> | --user <id> [--per-second <rows>]
  npm run keys -- retire <kid>`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    all: { type: "boolean" },
    org: { type: "string" },
    user: { type: "string" },
    "per-second": { type: "string" },
  },
});

const commands: Record<string, (about: string | undefined) => Promise<number | undefined>> = {
  status: async () => (await import("./keys/status.ts")).status(),
  rotate: async (kind) => (await import("./keys/rotate.ts")).rotate(kind, values as never),
  retire: async (kid) => (await import("./keys/retire.ts")).retire(kid),
};

const [command = "", about] = positionals;
const known = new Set(["all", "org", "user", "per-second"]);
const wrong = Object.entries(values).find(([name, value]) => !known.has(name) || value === "");
const code = wrong || positionals.length > 2 ? undefined : await commands[command]?.(about);
if (code === undefined) {
  console.error(wrong ? `There is no option --${wrong[0]}, or it has no value.\n${USAGE}` : USAGE);
  process.exit(2);
}
process.exit(code);
