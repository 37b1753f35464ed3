import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "./free-port.ts";

export interface PostgresServer {
  /** A new, empty database for a role that passes everything. */
  newDatabase(): Promise<string>;
  /** A new, empty database that belongs to a role without special rights, as an operator should have it. */
  newOwnDatabase(): Promise<string>;
  /** Of the role that passes everything. */
  readonly url: string;
  /** The file of the certificate it shows for 127.0.0.1, where this machine can make one. */
  readonly certificate?: string;
  /** Stops the server, runs something without it and starts it again, where it is ours to stop. */
  readonly without?: (work: () => Promise<void>) => Promise<void>;
  stop(): Promise<void>;
}

/** On a throwaway server this role has to show a password; everybody else is let in. */
export const ASKED = { role: "asked", password: "a password of a test" };

/**
 * A real PostgreSQL: the one TEST_DATABASE_URL names, or a throwaway server from the binaries of this machine.
 * Otherwise a reason why there is none, which is a failure where REQUIRE_SERVICES is set.
 */
export async function startPostgres(): Promise<PostgresServer | { missing: string }> {
  const given = process.env["TEST_DATABASE_URL"];
  return given ? serverAt(given, async () => {}) : await startOwnPostgres();
}

/** Always a throwaway server. @param settings as `name=value`, over those of tests */
export async function startOwnPostgres(
  settings: readonly string[] = [],
): Promise<PostgresServer | { missing: string }> {
  const found = findPostgres();
  return "missing" in found ? found : await throwaway(found.bin, found.user, settings);
}

/** The programs of this machine, and the user they run as. */
export function findPostgres(): { bin: string; user: { uid?: number; gid?: number } } | { missing: string } {
  const bin = binaries();
  if (!bin) return { missing: "no TEST_DATABASE_URL, and no postgres under /usr/lib/postgresql" };
  const user = serverUser();
  if (!user) return { missing: "PostgreSQL does not run as root, and there is no user postgres or nobody" };
  return { bin, user };
}

function binaries(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a));
  return newest.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "postgres")));
}

/** Empty: the user we are. */
function serverUser(): { uid?: number; gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {}
  }
  return undefined;
}

async function throwaway(
  bin: string,
  user: { uid?: number; gid?: number },
  more: readonly string[],
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-pg-"));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
  const data = join(folder, "data");
  const options = { ...user, cwd: folder, env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" } };
  const init = ["-D", data, "-U", "vendorsmith", "-A", "trust", "-E", "UTF8", "--no-sync"];
  execFileSync(join(bin, "initdb"), init, { ...options, stdio: "ignore" });
  const rules = join(data, "pg_hba.conf");
  writeFileSync(rules, `host all ${ASKED.role} 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, "utf8")}`);
  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=200"];
  const certificate = makeCertificate(data, user);
  if (certificate) settings.push("ssl=on");
  const flags = [...settings, ...more].flatMap((setting) => ["-c", setting]);
  const url = `postgres://vendorsmith@127.0.0.1:${port}/postgres`;
  const begin = async () => {
    const child = spawn(join(bin, "postgres"), ["-D", data, "-p", String(port), ...flags], {
      ...options,
      stdio: "ignore",
    });
    const ended = new Promise<void>((done) => child.once("exit", () => done()));
    await answers(url);
    return async () => {
      child.kill("SIGINT");
      await ended;
    };
  };
  let end = await begin();
  const server = serverAt(url, async () => {
    await end();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...server,
    ...(certificate && { certificate }),
    async without(work) {
      await end();
      try {
        await work();
      } finally {
        end = await begin();
      }
    },
  };
}

/** Under the names that the server looks for in its folder. */
function makeCertificate(data: string, { uid, gid }: { uid?: number; gid?: number }): string | undefined {
  const [key, certificate] = [join(data, "server.key"), join(data, "server.crt")];
  const names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  try {
    execFileSync("openssl", ["req", ...kind, ...names, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  chmodSync(key, 0o600);
  if (uid !== undefined) for (const file of [key, certificate]) chownSync(file, uid, gid!);
  return certificate;
}

function serverAt(url: string, stop: () => Promise<void>): PostgresServer {
  let count = 0;
  const made: string[] = [];
  const roles: string[] = [];
  const admin = async (statement: string) => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  return {
    url,
    newDatabase: () => newDatabase(""),
    async newOwnDatabase() {
      const role = `vendorsmith_role_${process.pid}_${++count}`;
      await admin(`create role ${role} login password '${ASKED.password}'`);
      roles.push(role);
      const made = await newDatabase(`owner ${role}`);
      return Object.assign(new URL(made), { username: role, password: ASKED.password }).href;
    },
    async stop() {
      for (const name of made) await admin(`drop database ${name} with (force)`);
      for (const role of roles) await admin(`drop role ${role}`);
      await stop();
    },
  };

  async function newDatabase(options: string) {
    const name = `vendorsmith_test_${process.pid}_${++count}`;
    await admin(`create database ${name} ${options}`);
    made.push(name);
    return Object.assign(new URL(url), { pathname: `/${name}` }).href;
  }
}

async function answers(url: string) {
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((next) => setTimeout(next, 100));
    }
  }
}
