import { parseArgs } from "node:util";
import { explained } from "./explained.ts";
import { explain, show, switchFor } from "./policy/commands.ts";

/** `npm run policy -- <what>`: exit 0 done, 2 wrong usage or nothing of that name. */
const USAGE = `Usage: npm run policy -- <what>
  explain --org <id> --user <e-mail or id> --tool <name> [--client <id or name>]
  show --org <id>
  tool-off <tool>     switches a tool off in every organisation, at the next request
  tool-on <tool>`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { org: { type: "string" }, user: { type: "string" }, tool: { type: "string" }, client: { type: "string" } },
});
const { org, user, tool, client } = values as Partial<Record<string, string>>;
const [command, name, ...rest] = positionals;

process.exit(await explained(run));

async function run(): Promise<number> {
  if (rest.length > 0) return usage();
  if (command === "explain" && org && user && tool && !name) return await explain({ org, user, tool, client });
  if (command === "show" && org && !name) return await show(org);
  if ((command === "tool-off" || command === "tool-on") && name) return await switchFor(name, command === "tool-on");
  return usage();
}

function usage(): number {
  console.error(USAGE);
  return 2;
}
