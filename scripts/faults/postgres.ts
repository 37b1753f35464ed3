import { type ChildProcess, execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePort } from "../../test/setup/free-port.ts";
import { findPostgres } from "../../test/setup/postgres.ts";
import { ended, type Ground } from "./ground.ts";

/** A PostgreSQL server of this run alone, with `fsync` on, so that what it acknowledged has to survive its end. */
export interface Postgres {
  readonly url: string;
  start(): Promise<void>;
  isUp(): boolean;
  /** SIGKILL to the server and to every process of it, at once. */
  kill(): Promise<void>;
  /** As `pg_ctl stop` does: `fast` ends connections in order, `immediate` recovers at the next start. */
  stop(how: "fast" | "immediate"): Promise<void>;
  /** SIGSTOP to every process: sockets stay open and nothing answers, as in a failover. */
  pause(): void;
  resume(): void;
  /** `pg_terminate_backend` for every connection but this one. @returns how many */
  cutConnections(): Promise<number>;
  connections(): Promise<number>;
  /** The whole database as text. */
  dump(): string;
}

export interface ServerPlan {
  /** A folder on another disk; one in the run's own folder when left out. */
  readonly data?: string;
  readonly settings?: readonly string[];
  /** Of the server's processes. */
  readonly env?: Readonly<Record<string, string>>;
}

/** @throws Error where there is no PostgreSQL */
export async function startPostgres(
  ground: Ground,
  { data, settings = [], env = {} }: ServerPlan = {},
): Promise<Postgres> {
  const found = findPostgres();
  if ("missing" in found) throw new Error(found.missing);
  const { bin, user } = found;
  const folder = data ?? join(ground.folder, "postgres");
  mkdirSync(folder, { recursive: true });
  chmodSync(ground.folder, 0o711); // the server is another user
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
  const options = { ...user, cwd: folder, env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" } };
  const place = join(folder, "data");
  execFileSync(join(bin, "initdb"), ["-D", place, "-U", "vendorsmith", "-A", "trust", "-E", "UTF8", "--no-sync"], { ...options, stdio: "ignore" }); // biome-ignore format: one thought
  const port = await freePort();
  const url = `postgres://vendorsmith@127.0.0.1:${port}/postgres`;
  const flags = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on", "max_connections=200", ...settings].flatMap((setting) => ["-c", setting]); // biome-ignore format: one thought
  let server: ChildProcess | undefined;
  const pids = () => (server?.pid ? [server.pid, ...childrenOf(server.pid)] : []);
  const signal = (name: NodeJS.Signals) => {
    for (const pid of pids()) send(pid, name);
  };

  const postgres: Postgres = {
    url,
    async start() {
      for (let attempt = 0; attempt < 50; attempt++) {
        server = ground.spawn(join(bin, "postgres"), ["-D", place, "-p", String(port), ...flags], { ...options, env: { ...options.env, ...env }, stdio: "ignore" }); // biome-ignore format: one thought
        if (await answers(url, server)) return;
        await sleep(100); // processes of the one before may still hold the data
      }
      throw new Error("PostgreSQL did not start.");
    },
    isUp: () => server !== undefined && server.exitCode === null && server.signalCode === null,
    async kill() {
      const all = pids();
      for (const pid of all) send(pid, "SIGKILL");
      await ended(server!);
      for (let waited = 0; waited < 2000 && all.some(isAlive); waited += 10) await sleep(10);
    },
    async stop(how) {
      server!.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
      await ended(server!);
    },
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    cutConnections: () => count(url, "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"), // biome-ignore format: one thought
    connections: async () => (await count(url, "select count(*) from pg_stat_activity where backend_type = 'client backend'")) - 1, // biome-ignore format: one thought
    dump: () => execFileSync(join(bin, "pg_dump"), ["--inserts", url], { encoding: "utf8", maxBuffer: 2 ** 30 }),
  };
  ground.afterwards(() => {
    signal("SIGCONT");
    signal("SIGKILL");
  });
  await postgres.start();
  return postgres;
}

async function answers(url: string, server: ChildProcess): Promise<boolean> {
  for (let waited = 0; waited < 20_000; waited += 20) {
    if (server.exitCode !== null || server.signalCode !== null) return false;
    const answered = await count(url, "select 1").then(
      () => true,
      () => false,
    );
    if (answered) return true;
    await sleep(20);
  }
  return false;
}

const count = async (url: string, statement: string) => Number((await run(url, statement))[0]![0]);

async function run(url: string, statement: string): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query({ text: statement, rowMode: "array" });
    return rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The server's own processes; each is a session of its own, so no signal reaches them as a group. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return text === "" ? [] : text.split(" ").map(Number);
  } catch {
    return [];
  }
}

function send(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name);
  } catch {} // it is gone
}

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
