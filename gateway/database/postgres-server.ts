import { sql } from "kysely";
import pg from "pg";
import type { Db } from "./index.ts";
import { connectionTo, type PoolSettings } from "./postgres.ts";

/** Why this database cannot be used, and what the operator can do, without a word of the address. */
export class DatabaseProblem extends Error {
  override readonly name = "DatabaseProblem";
}

export interface Server {
  readonly role: string;
  /** The role passes every policy of a row: a superuser, or one with BYPASSRLS. */
  readonly bypassesRowSecurity: boolean;
}

/**
 * Looks at the server before anything else does.
 * @param variable which variable holds the address, for the sentence
 * @param migrates whether this role makes tables
 * @throws DatabaseProblem
 */
export async function lookAtServer(
  url: string,
  { variable, migrates, settings }: { variable: string; migrates: boolean; settings: PoolSettings },
): Promise<Server> {
  const client = clientFor(url, variable, settings);
  try {
    await client.connect();
  } catch (error) {
    client.connection.stream.destroy(); // a connection that was never made cannot be ended
    throw explained(error, variable);
  }
  try {
    const { rows } = await client.query<Facts>(LOOK);
    const problem = refusalOf(rows[0]!, migrates);
    if (problem) throw new DatabaseProblem(`${variable}: ${problem}`);
    return { role: rows[0]!.role, bypassesRowSecurity: rows[0]!.bypasses };
  } finally {
    await client.end();
  }
}

function clientFor(url: string, variable: string, settings: PoolSettings) {
  try {
    const client = new pg.Client(connectionTo(url, settings));
    client.on("error", () => {});
    return client;
  } catch (cause) {
    const why = (cause as { code?: string }).code === "ENOENT" ? "a certificate or key file it names is missing" : "it cannot be read"; // biome-ignore format: one thought
    throw new DatabaseProblem(`${variable}: ${why}. Write postgres://user:password@host/database, with special characters of the password as %XX.`); // biome-ignore format: one thought
  }
}

interface Facts {
  role: string;
  version: number;
  standby: boolean;
  creates: boolean;
  bypasses: boolean;
}

const LOOK = `select current_user as role, current_setting('server_version_num')::int as version,
  pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as standby,
  coalesce(has_schema_privilege(current_schema(), 'create'), false) as creates,
  (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as bypasses`;

const OLDEST = 15;

/** @internal the test of an old server, which no machine of ours has */
export function refusalOf({ version, standby, creates }: Omit<Facts, "role" | "bypasses">, migrates: boolean) {
  const major = Math.floor(version / 10_000);
  if (major < OLDEST) return `this server is PostgreSQL ${major}; ${OLDEST} or newer is needed. Upgrade it, or name another.`; // biome-ignore format: one thought
  if (standby) return "this server only reads: it is a standby, or default_transaction_read_only is on. Name the primary."; // biome-ignore format: one thought
  if (migrates && !creates)
    return "its role may not create tables. As owner of the database run: GRANT CREATE, USAGE ON SCHEMA public TO <role>; or set MIGRATION_DATABASE_URL to a role that may."; // biome-ignore format: one thought
  return undefined;
}

/** By SQLSTATE, or by what the network and TLS say. */
const SENTENCES: Readonly<Record<string, string>> = {
  "28P01": "the server refused user and password. Correct them; special characters of the password are written as %XX.",
  "28000": "the server does not let this user in from here. Check the user, the password, and pg_hba.conf of the server (it may ask for TLS: add ?sslmode=verify-full).", // biome-ignore format: one thought
  "3D000": "the server has no database of this name. Make it with: createdb <name>, or correct the name.",
  "42501": "its role lacks a right. As owner of the database run: GRANT CONNECT ON DATABASE <name> TO <role>; and GRANT USAGE, CREATE ON SCHEMA public TO <role>;", // biome-ignore format: one thought
  "53300": "the server has no connection left. Raise max_connections there, or lower DATABASE_CONNECTIONS of the replicas.", // biome-ignore format: one thought
  "57P03": "the server is starting or stopping. Start again when it is ready.",
  ENOTFOUND: "no such host. Correct the host name, or the DNS of this machine.",
  EAI_AGAIN: "the name of the host could not be looked up. Check the DNS of this machine.",
  ECONNREFUSED: "nobody listens at this host and port. Start the server, or correct the port.",
  ETIMEDOUT: "the host does not answer. Check address, firewall and network.",
  EHOSTUNREACH: "the host cannot be reached. Check address, firewall and network.",
};

const TLS = /CERT|SIGNATURE|^ERR_TLS|^ERR_SSL/;

/** A sentence for an operator about a connection that was not made. */
export function explained(error: unknown, variable: string): DatabaseProblem {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  const sentence = SENTENCES[code] ?? wordsFor(code, message) ?? `the database could not be reached (${code || "no code"}).`; // biome-ignore format: one thought
  return new DatabaseProblem(`${variable}: ${sentence}`);
}

function wordsFor(code: string, message: string): string | undefined {
  if (TLS.test(code)) return `the certificate of the server was not accepted (${code}). Add &sslrootcert=<file of its authority>, or correct the host name.`; // biome-ignore format: one thought
  if (message.includes("does not support SSL")) return "the server speaks no TLS. Switch it on there, or use sslmode=disable inside one machine or private network."; // biome-ignore format: one thought
  if (/timeout|terminated/i.test(message))
    return "the server did not answer in time. Check address, firewall and network.";
  if (/SASL|password must be a string/i.test(message))
    return "the server asks for a password and there is none. Write user:password@host.";
  return undefined;
}

/** Lets the role that serves read and write, and nothing else, what the owner's role made. */
export async function grantUse(db: Db, role: string): Promise<void> {
  const to = sql.id(role);
  await sql`grant usage on schema public to ${to}`.execute(db);
  await sql`grant select, insert, update, delete on all tables in schema public to ${to}`.execute(db);
}

export const bypassWords = (role: string) =>
  `The database role ${role} passes row-level security (a superuser, or BYPASSRLS): one of two walls between organisations is missing. Use a role without these rights, see docs/postgresql.md.`;
