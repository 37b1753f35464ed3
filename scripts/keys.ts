import { parseArgs } from "node:util";

/** `npm run keys -- <what>`: exit 0 done or well, 1 something does not open or is left, 2 wrong usage, 3 busy or away. */
const USAGE = `Usage:
  npm run keys -- status
  npm run keys -- rotate master [--per-second <rows>]
  npm run keys -- rotate users --all | --org <id> | --user <id> [--per-second <rows>]
  npm run keys -- rotate master|audit|cookies|signing --step add|use|drop [--now]
  npm run keys -- verify [--sample <count>]
  npm run keys -- retire <name>
  npm run keys -- forget <name>|--audit [--yes]
  npm run keys -- new master|audit|cookies|signing`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    all: { type: "boolean" },
    audit: { type: "boolean" },
    org: { type: "string" },
    user: { type: "string" },
    "per-second": { type: "string" },
    step: { type: "string" },
    sample: { type: "string" },
    now: { type: "boolean" },
    yes: { type: "boolean" },
  },
});

const commands: Record<string, (about: string | undefined) => Promise<number | undefined>> = {
  status: async () => (await import("./keys/status.ts")).status(),
  rotate: async (kind) => (await import("./keys/rotate.ts")).rotate(kind, values as never),
  verify: async () => (await import("./keys/verify.ts")).verify(values as never),
  forget: async (name) => (await import("./keys/forget.ts")).forget(name, values as never),
  new: async (kind) => (await import("./keys/new.ts")).printNew(kind),
  retire: async (kid) => (await import("./keys/retire.ts")).retire(kid),
};

const [command = "", about] = positionals;
const known = new Set(["all", "audit", "org", "user", "per-second", "step", "sample", "now", "yes"]);
const wrong = Object.entries(values).find(([name, value]) => !known.has(name) || value === "");
const code = wrong || positionals.length > 2 ? undefined : await commands[command]?.(about);
if (code === undefined) {
  console.error(wrong ? `There is no option --${wrong[0]}, or it has no value.\n${USAGE}` : USAGE);
  process.exit(2);
}
process.exit(code);
