import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../../test/setup/free-port.ts";
import { startOwnPostgres } from "../../test/setup/postgres.ts";
import { type Child, startChild } from "./child.ts";
import { holdBack } from "./hold-back.ts";
import { type Load, load, median, percentile } from "./load.ts";
import { cpuMsOf, ownCpuMsOf, rssMbOf } from "./processes.ts";
import { COUNTING, type DatabaseWork, lookAt, ranSince, type Statements, shortly } from "./statements.ts";
import { call } from "./targets.ts";

export interface Replicated {
  readonly name: string;
  readonly rps: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Of one call, in each of the processes; those of PostgreSQL and of the replicas together. */
  readonly gateway_cpu_ms: number;
  readonly postgres_cpu_ms: number;
  readonly proxy_cpu_ms: number;
  /** Of the largest replica. */
  readonly rss_mb: number;
  /** What one call costs the database: statements, commits of those that are transactions together, bytes of its log. */
  readonly statements: number;
  readonly commits: number;
  readonly wal_bytes: number;
}

/** Statements by what they do and with which table: how often for a call, and in a second without calls. */
export type Asked = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Replicas {
  readonly rows: readonly Replicated[];
  readonly asked: Asked;
}

/** Of a core, where replicas are held back: two of them, the database, the vendor and the client then have room on two cores. */
const SHARE = 0.15;
const CONNECTIONS = 16;
const ROUNDS = 3;
const IDLE_MS = 5000;
/** Calls of each replica alone before anything is measured: code that has run less costs half as much again. */
const WARM_CALLS = 800;

/** One gateway and two on one PostgreSQL behind a load balancer, each as fast as it can and each held to a share of a core. */
export async function measureReplicas(seconds: number, progress: (line: string) => void): Promise<Replicas | string> {
  const server = await startOwnPostgres(COUNTING);
  if ("missing" in server) return server.missing;
  const children: Child[] = [];
  const start = async (file: string, env: Record<string, string>) => {
    const child = await startChild(file, env);
    children.push(child);
    return child;
  };
  try {
    const DATABASE_URL = await server.newOwnDatabase(); // row-level security binds it, as it does in use
    const port = await freePort();
    const vendor = await start("./servers/vendor.ts", {});
    const env = {
      VENDOR_URL: vendor.ready.url,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      DATA_DIR: mkdtempSync(join(tmpdir(), "vendorsmith-replicas-")),
      DATABASE_URL,
    };
    const database = await lookAt(server.url, new URL(DATABASE_URL).pathname.slice(1));
    const asked: Record<string, Record<string, number>> = {};
    const idle = async (name: string) => {
      progress(`replicas: ${name}`);
      const before = await database.work();
      await setTimeout(IDLE_MS);
      note(asked, name, before.statements, (await database.work()).statements, IDLE_MS / 1000);
    };
    const first = await start("./servers/replica.ts", { ...env, PEOPLE: String(CONNECTIONS) });
    await idle("one idle, a second");
    const second = await start("./servers/replica.ts", { ...env, HEADERS: JSON.stringify(first.ready.headers) });
    await idle("two idle, a second");
    const proxy = await start("./servers/round-robin.ts", { PORT: String(port) });
    // Events of one organisation are a chain and written one after the other, so each connection is of another one.
    const targets = Object.values(first.ready.headers!).map((authorization) =>
      call(`${proxy.ready.url}/v1/datto-rmm`, "datto_get_device", { authorization }),
    );

    for (const replica of [first, second])
      for (let calls = 0; calls < WARM_CALLS; ) {
        proxy.tell({ upstreams: [replica.ready.url] });
        calls += (await load(targets, CONNECTIONS, 1)).requests;
        progress(`replicas: ${calls} of ${WARM_CALLS} calls to warm up`);
      }

    const arrangements = [
      { name: "one", replicas: [first], share: 1 },
      // As many as each of two replicas gets: a process that has less to do at once does it less cheaply.
      { name: "one, half the connections", replicas: [first], share: 1, connections: CONNECTIONS / 2 },
      { name: "the other alone", replicas: [second], share: 1 },
      { name: "two", replicas: [first, second], share: 1 },
      { name: `one held to ${SHARE}`, replicas: [first], share: SHARE },
      { name: `two held to ${SHARE} each`, replicas: [first, second], share: SHARE },
    ];
    const measured: { name: string; row: Omit<Replicated, "name"> }[] = [];
    for (let round = 1; round <= ROUNDS; round++)
      for (const { name, replicas, share, connections = CONNECTIONS } of arrangements) {
        progress(`replicas: round ${round} of ${ROUNDS}: ${name}`);
        proxy.tell({ upstreams: replicas.map(({ ready }) => ready.url) });
        const release = replicas.map(({ pid }) => holdBack(pid, share));
        const used = async () => ({
          gateway: replicas.reduce((sum, { pid }) => sum + ownCpuMsOf(pid), 0),
          postgres: cpuMsOf(database.postmaster),
          proxy: ownCpuMsOf(proxy.pid),
          ...(await database.work()),
        });
        const before = await used();
        const served = await load(targets, connections, seconds);
        const after = await used();
        for (const end of release) end();
        const rss = Math.max(...replicas.map(({ pid }) => rssMbOf(pid)));
        measured.push({ name, row: rowOf(served, before, after, rss) });
        if (round === ROUNDS) note(asked, name, before.statements, after.statements, served.requests);
      }
    await database.end();
    const rows = arrangements.map(({ name }) => ({
      name,
      ...mediansOf(measured.filter((one) => one.name === name).map(({ row }) => row)),
    }));
    return { rows, asked };
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await server.stop();
  }
}

/** Below it a statement is none of a call's. */
const LEAST = 0.005;

function note(
  asked: Record<string, Record<string, number>>,
  name: string,
  before: Statements,
  after: Statements,
  units: number,
) {
  for (const [text, times] of ranSince(before, after)) {
    if (times / units < LEAST) continue;
    const row = asked[shortly(text)] ?? {};
    asked[shortly(text)] = row;
    row[name] = rounded((row[name] ?? 0) + times / units);
  }
}

interface Used extends DatabaseWork {
  readonly gateway: number;
  readonly postgres: number;
  readonly proxy: number;
}

function rowOf({ requests, seconds, latenciesMs }: Load, before: Used, after: Used, rss_mb: number) {
  const each = (name: "gateway" | "postgres" | "proxy" | "wal") => (after[name] - before[name]) / requests;
  const ran = ranSince(before.statements, after.statements);
  const times = (those: typeof ran) => those.reduce((sum, [, calls]) => sum + calls, 0) / requests;
  return {
    rps: requests / seconds,
    p50_ms: percentile(latenciesMs, 0.5),
    p99_ms: percentile(latenciesMs, 0.99),
    gateway_cpu_ms: each("gateway"),
    postgres_cpu_ms: each("postgres"),
    proxy_cpu_ms: each("proxy"),
    rss_mb,
    statements: times(ran),
    commits: times(ran.filter(([text]) => text === "commit")),
    wal_bytes: each("wal"),
  };
}

type Row = ReturnType<typeof rowOf>;

const rounded = (value: number) => Math.round(1000 * value) / 1000;

const mediansOf = (rows: readonly Row[]): Row =>
  Object.fromEntries(
    Object.keys(rows[0]!).map((name) => [name, rounded(median(rows.map((row) => row[name as keyof Row])))]),
  ) as Row;

/** How much of a core a process may be used for before answers begin to wait: what is planned with, not what is measured. */
const PLANNED = 0.7;

/** What so many replicas serve and ask of the database, from the cost of one call; each has a core of its own. */
export function modelOf({
  gateway_cpu_ms,
  postgres_cpu_ms,
  wal_bytes,
}: Pick<Replicated, "gateway_cpu_ms" | "postgres_cpu_ms" | "wal_bytes">) {
  return [1, 2, 4, 8, 16].map((replicas) => {
    const calls = (replicas * PLANNED * 1000) / gateway_cpu_ms;
    return {
      replicas,
      calls_per_second: Math.round(calls),
      postgres_cores: Math.round((calls * postgres_cpu_ms) / 10) / 100,
      wal_mb_per_second: Math.round((calls * wal_bytes) / 1e4) / 100,
    };
  });
}
