import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "../../test/setup/free-port.ts";
import { startPostgres } from "../../test/setup/postgres.ts";
import { type Child, startChild } from "./child.ts";
import { holdBack } from "./hold-back.ts";
import { type Load, load, median, percentile } from "./load.ts";
import { cpuMsOf, ownCpuMsOf, parentOf, rssMbOf } from "./processes.ts";
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
  /** What one call costs the database: transactions (a query alone is one), rows read and written, bytes of its log. */
  readonly transactions: number;
  readonly rows: number;
  readonly wal_bytes: number;
}

/** Of a core, where replicas are held back: two of them, the database, the vendor and the client then have room on two cores. */
const SHARE = 0.25;
const CONNECTIONS = 16;
const ROUNDS = 3;

/** One gateway and two on one PostgreSQL behind a load balancer, each as fast as it can and each held to a share of a core. */
export async function measureReplicas(
  seconds: number,
  progress: (line: string) => void,
): Promise<Replicated[] | string> {
  const server = await startPostgres();
  if ("missing" in server) return server.missing;
  const children: Child[] = [];
  const start = async (file: string, env: Record<string, string>) => {
    const child = await startChild(file, env);
    children.push(child);
    return child;
  };
  try {
    const DATABASE_URL = await server.newDatabase();
    const port = await freePort();
    const vendor = await start("./servers/vendor.ts", {});
    const env = {
      VENDOR_URL: vendor.ready.url,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      DATA_DIR: mkdtempSync(join(tmpdir(), "vendorsmith-replicas-")),
      DATABASE_URL,
    };
    const first = await start("./servers/replica.ts", { ...env, PEOPLE: String(CONNECTIONS) });
    const second = await start("./servers/replica.ts", { ...env, HEADERS: JSON.stringify(first.ready.headers) });
    const proxy = await start("./servers/round-robin.ts", { PORT: String(port) });
    const database = await lookAt(DATABASE_URL);
    // Events of one organisation are a chain and written one after the other, so each connection is of another one.
    const targets = Object.values(first.ready.headers!).map((authorization) =>
      call(`${proxy.ready.url}/v1/datto-rmm`, "datto_get_device", { authorization }),
    );

    const arrangements = [
      { name: "one replica", replicas: [first], share: 1 },
      { name: "two replicas", replicas: [first, second], share: 1 },
      { name: `one replica with ${SHARE} of a core`, replicas: [first], share: SHARE },
      { name: `two replicas with ${SHARE} of a core each`, replicas: [first, second], share: SHARE },
    ];
    const measured: { name: string; row: Omit<Replicated, "name"> }[] = [];
    for (let round = 0; round <= ROUNDS; round++)
      for (const { name, replicas, share } of arrangements) {
        progress(`replicas: round ${round} of ${ROUNDS}: ${name}`);
        proxy.tell({ upstreams: replicas.map(({ ready }) => ready.url) });
        const release = replicas.map(({ pid }) => holdBack(pid, share));
        const used = async () => ({
          gateway: replicas.reduce((sum, { pid }) => sum + ownCpuMsOf(pid), 0),
          postgres: cpuMsOf(database.postmaster),
          proxy: ownCpuMsOf(proxy.pid),
          ...(await database.counters()),
        });
        const before = await used();
        const served = await load(targets, CONNECTIONS, round === 0 ? 1 : seconds);
        const after = await used();
        for (const end of release) end();
        const rss = Math.max(...replicas.map(({ pid }) => rssMbOf(pid)));
        if (round > 0) measured.push({ name, row: rowOf(served, before, after, rss) }); // the first one warms up
      }
    await database.end();
    return arrangements.map(({ name }) => ({
      name,
      ...mediansOf(measured.filter((one) => one.name === name).map(({ row }) => row)),
    }));
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await server.stop();
  }
}

/** What the database says of its own work. */
async function lookAt(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const ask = async (sql: string) => (await client.query(sql)).rows[0];
  const { pid } = await ask("select pg_backend_pid() as pid");
  return {
    postmaster: parentOf(pid)!,
    async counters() {
      await ask("select pg_stat_force_next_flush()");
      const { transactions, rows, wal } = await ask(
        `select xact_commit as transactions, tup_fetched + tup_inserted + tup_updated as rows,
           pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as wal
         from pg_stat_database where datname = current_database()`,
      );
      return { transactions: Number(transactions), rows: Number(rows), wal: Number(wal) };
    },
    end: () => client.end(),
  };
}

type Used = Record<"gateway" | "postgres" | "proxy" | "transactions" | "rows" | "wal", number>;

function rowOf({ requests, seconds, latenciesMs }: Load, before: Used, after: Used, rss_mb: number) {
  const each = (name: keyof Used) => (after[name] - before[name]) / requests;
  return {
    rps: requests / seconds,
    p50_ms: percentile(latenciesMs, 0.5),
    p99_ms: percentile(latenciesMs, 0.99),
    gateway_cpu_ms: each("gateway"),
    postgres_cpu_ms: each("postgres"),
    proxy_cpu_ms: each("proxy"),
    rss_mb,
    transactions: each("transactions"),
    rows: each("rows"),
    wal_bytes: each("wal"),
  };
}

type Row = ReturnType<typeof rowOf>;

const mediansOf = (rows: readonly Row[]): Row =>
  Object.fromEntries(
    Object.keys(rows[0]!).map((name) => [
      name,
      Math.round(1000 * median(rows.map((row) => row[name as keyof Row]))) / 1000,
    ]),
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
