import { existsSync } from "node:fs";
import { readSecretFile } from "../../gateway/config/secret-file.ts";
import { type Config, ConfigError, readConfig } from "../../gateway/config.ts";
import type { Place } from "../../gateway/database/index.ts";
import { DatabaseProblem } from "../../gateway/database/postgres-server.ts";

/** A password in an argument is seen by everybody who may list the processes of this machine. */
const IN_CLEAR = "An address of PostgreSQL in the arguments shows its password to everybody on this machine. Put it into a variable, such as TARGET_DATABASE_URL, and name the variable."; // biome-ignore format: one thought

/**
 * What `--from` and `--to` name: `sqlite` (the file in DATA_DIR), `postgres` (DATABASE_URL), the name of a variable that holds
 * the address of a PostgreSQL, or the path of a SQLite file.
 */
export function placeOf(text: string): Place {
  if (/^postgres(ql)?:\/\//.test(text)) throw new DatabaseProblem(IN_CLEAR);
  if (text === "sqlite") return { file: `${readConfig().dataDir}/vendorsmith.db` };
  if (text === "postgres") return postgresOf("DATABASE_URL");
  if (/^[A-Z][A-Z0-9_]*$/.test(text)) return postgresOf(text);
  return { file: text };
}

function postgresOf(variable: string): Place {
  const { [variable]: given, [`${variable}_FILE`]: file, ...others } = process.env;
  const url = given ?? (file ? addressIn(file, `${variable}_FILE`) : undefined);
  if (!url) throw new DatabaseProblem(`${variable} is not set. It has to hold the address of a PostgreSQL, such as postgres://user@host/database.`); // biome-ignore format: one thought
  const { DATABASE_URL_FILE: _ours, ...rest } = others;
  const place = configOf({ ...rest, DATABASE_URL: url }, variable).database;
  return "url" in place && variable === "DATABASE_URL" ? place : { url, variable };
}

/** What is wrong with the address is said of the variable that holds it. */
function configOf(env: NodeJS.ProcessEnv, variable: string): Config {
  try {
    return readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new DatabaseProblem(error.message.replace(/^( *)DATABASE_URL:/m, `$1${variable}:`));
  }
}

function addressIn(file: string, variable: string): string {
  try {
    return readSecretFile(file).trim();
  } catch (error) {
    throw new DatabaseProblem(`${variable}: ${(error as Error).message}.`);
  }
}

/** The installation that the environment describes. */
export const ownPlace = (): Place => readConfig().database;

/** The keys of its audit chains; never made up here. */
export function auditKeys(): readonly Buffer[] {
  const keys = auditKeysIfHere();
  if (!keys)
    throw new DatabaseProblem("The audit key of the installation is not here, so audit chains and backups cannot be signed or checked. Set AUDIT_KEY, or put audit.key into DATA_DIR: keys are never part of a copy."); // biome-ignore format: one thought
  return keys;
}

export function auditKeysIfHere(): readonly Buffer[] | undefined {
  const config: Config = readConfig();
  const file = `${config.dataDir}/audit.key`;
  if (config.keys.audit || !existsSync(file)) return config.keys.audit;
  return readConfig({ AUDIT_KEY: readSecretFile(file).trim() }).keys.audit!;
}
