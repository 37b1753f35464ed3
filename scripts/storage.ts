import { parseArgs } from "node:util";
import { ConfigError, readConfig } from "../gateway/config.ts";
import { DatabaseProblem } from "../gateway/database/postgres-server.ts";
import { backup, move, restore, verify } from "./storage/commands.ts";
import { auditKeys, auditKeysIfHere, ownPlace, placeOf } from "./storage/places.ts";
import { setRegion } from "./storage/region.ts";

/** `npm run storage -- <what>`: exit 0 done, 1 failed and nothing kept, 2 wrong usage, 3 refused with nothing touched. */
const USAGE = `Usage: npm run storage -- <what>
  move --from <place> --to <place>     everything, into an empty database; stop the gateway before
  backup --to <file>                   everything as it is now, while the gateway goes on
  restore --from <file> [--to <place>] into an empty database
  verify --from <file>                 whether a backup is whole
  region --set <name> [--org <id>]     the home region of organisations without one, or of one organisation
A place is sqlite (the file in DATA_DIR), postgres (DATABASE_URL), the name of another variable that holds the
address of a PostgreSQL, or the path of a SQLite file. Without --to, restore fills what the environment names.`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { from: { type: "string" }, to: { type: "string" }, set: { type: "string" }, org: { type: "string" } },
});
const { from, to, set, org, ...others } = values as Partial<Record<string, string>>;
const [command, ...more] = positionals;
const say = (sentence: string) => console.log(sentence);

process.exitCode = await run().catch((error: Error) => {
  const refused = error instanceof DatabaseProblem || error instanceof ConfigError;
  console.error(refused ? error.message : error.cause instanceof Error ? `${error.message}\n  ${error.cause.message}` : error.message); // biome-ignore format: one thought
  return refused ? 3 : 1;
});

async function run(): Promise<number> {
  if (more.length > 0 || Object.keys(others).length > 0 || from === "" || to === "") return usage();
  if (command === "move" && from && to) await move({ from: placeOf(from), to: placeOf(to), keys: auditKeys(), say });
  else if (command === "backup" && to && !from) await backup({ from: ownPlace(), to, keys: auditKeys(), say });
  else if (command === "restore" && from)
    await restore({ from, to: to ? placeOf(to) : ownPlace(), keys: auditKeys(), say });
  else if (command === "verify" && from && !to) await verify({ from, keys: auditKeysIfHere(), say });
  else if (command === "region" && set && !from && !to)
    await setRegion({ place: ownPlace(), region: set, org, regions: readConfig().regions, keys: auditKeys(), say });
  else return usage();
  return 0;
}

function usage(): number {
  console.error(USAGE);
  return 2;
}
