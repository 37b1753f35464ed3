import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { buildApp } from "../../gateway/app.ts";
import { readConfig } from "../../gateway/config.ts";
import type { Instead } from "../../test/fakes/serve.ts";
import { startBalancer } from "./balancer.ts";
import type { Ground } from "./ground.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { type Redis, startRedis } from "./redis.ts";
import { type Command, type Replica, replica } from "./replica.ts";
import { startVendors, type Vendors } from "./vendors.ts";

/** Replicas of the gateway behind one address, on one database, with simulated vendors. */
export interface Installation {
  readonly url: string;
  readonly vendors: Vendors;
  /** Undefined with the embedded database. */
  readonly postgres?: Postgres;
  readonly redis?: Redis;
  readonly replicas: readonly Replica[];
  readonly dataDir: string;
  /** The same house in this process, to prepare rows and to look at them; close it afterwards. */
  inside(): Promise<FastifyInstance>;
  /** Everything the replicas printed. */
  printed(): string;
}

export interface Plan {
  readonly replicas?: number;
  readonly storage?: "postgres" | "sqlite";
  /** Whether replicas share limits, results and news through Redis; without it through PostgreSQL. */
  readonly redis?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly instead?: Instead;
  /** A folder on another disk for the database, whichever it is. */
  readonly disk?: string;
  readonly settings?: readonly string[];
  readonly databaseEnv?: Readonly<Record<string, string>>;
  /** What runs the first replicas; the others are run by node alone. */
  readonly commands?: readonly Command[];
}

/** Budgets are raised, not switched off: what is measured are faults, not limits. */
const BUDGETS = { CALLS_PER_MINUTE: "10000000", WRITES_PER_MINUTE: "10000000", ORG_CALLS_PER_MINUTE: "10000000" };

/** Started, with an empty database. */
export async function install(ground: Ground, plan: Plan = {}): Promise<Installation> {
  const {
    replicas: count = 1,
    storage = "postgres",
    instead,
    disk,
    settings = [],
    databaseEnv = {},
    commands = [],
  } = plan;
  const vendors = await startVendors(ground, instead ? { instead } : {});
  const postgres = storage === "postgres" ? await startPostgres(ground, { settings, env: databaseEnv, ...(disk && { data: disk }) }) : undefined; // biome-ignore format: one thought
  const redis = plan.redis ? await startRedis(ground) : undefined;
  const balancer = await startBalancer(ground);
  const dataDir = storage === "sqlite" && disk ? disk : join(ground.folder, "data");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const url = `http://localhost:${balancer.port}`;
  const env = {
    NODE_ENV: "development",
    PUBLIC_URL: url,
    DATA_DIR: dataDir,
    DEV_VENDOR_ORIGINS: JSON.stringify(vendors.origins),
    CLIENT_DOCUMENTS: "false",
    ...(postgres && { DATABASE_URL: postgres.url }),
    ...(redis && { REDIS_URL: redis.url }),
    ...BUDGETS,
    ...plan.env,
  };
  const inside = () =>
    buildApp({ config: readConfig({ ...env, REDIS_URL: "", LOG_LEVEL: "silent", AUDIT_LOG_FILE: "off" }) });
  await (await inside()).close(); // makes the keys, which all replicas share
  const replicas = await Promise.all(Array.from({ length: count }, (_, n) => replica(ground, env, commands[n] && { command: commands[n] }))); // biome-ignore format: one thought
  for (const each of replicas) await each.start();
  balancer.to(replicas.map(({ port }) => port));
  return {
    url,
    vendors,
    ...(postgres && { postgres }),
    ...(redis && { redis }),
    replicas,
    dataDir,
    inside,
    printed: () => replicas.map((each) => each.printed()).join(""),
  };
}
