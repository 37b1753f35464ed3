import type { FastifyInstance } from "fastify";
import { clockWords } from "../clock.ts";
import { missingMigrations, ping } from "../database/index.ts";
import { lastKeyCheck } from "../database/key-checks.ts";

/** `degraded` still serves everything, slower or with less; `failing` cannot. */
export interface Check {
  readonly name: string;
  readonly state: "ok" | "degraded" | "failing";
  /** For operators: what is wrong, or what there is. Never an address, a key or a password. */
  readonly says: string;
}

type House = Pick<
  FastifyInstance,
  "db" | "clock" | "config" | "vault" | "redis" | "bus" | "catalogs" | "vendors" | "log"
>;

/** Everything that serving a call needs, asked at the same time. */
export const checksFor = (app: House) => {
  const keys = remembered(() => keysUsable(app), (check) => (check.state === "ok" ? KEYS_OK_MS : KEYS_FAILED_MS)); // biome-ignore format: one thought
  return (): Promise<Check[]> =>
    Promise.all([database(app), migrations(app), keys(), shared(app), catalogs(app), clock(app)]);
};

const PATIENCE_MS = 2000;

/** Master keys may be at a service that counts its uses. */
const KEYS_OK_MS = 30_000;
const KEYS_FAILED_MS = 5_000;

async function database({ db, config }: House): Promise<Check> {
  const kind = "url" in config.database ? "PostgreSQL" : "SQLite";
  const isThere = await inTime(ping(db));
  return isThere
    ? { name: "database", state: "ok", says: `${kind} answers.` }
    : { name: "database", state: "failing", says: `${kind} did not answer within ${PATIENCE_MS / 1000} s.` };
}

async function migrations({ db }: House): Promise<Check> {
  const missing = await within(missingMigrations(db));
  if (!missing) return { name: "migrations", state: "failing", says: "What is migrated cannot be read." };
  return missing.length === 0
    ? { name: "migrations", state: "ok", says: "All that this version knows have run." }
    : { name: "migrations", state: "failing", says: `Not run: ${missing.join(", ")}. Start one replica of this version.` }; // biome-ignore format: one thought
}

/** The first master key has to give back what it wraps; of each other one that is needed, one user key has to open. */
async function keysUsable({ vault, db }: House): Promise<Check> {
  const health = await within(vault.health());
  const [first, ...others] = health?.keys ?? [];
  if (first?.state !== "ok")
    return { name: "keys", state: "failing", says: "The master key cannot be used: no credential opens. See docs/keys.md." }; // biome-ignore format: one thought
  const bad = others.filter(({ state }) => state !== "ok").map(({ kid, state }) => `${kid} (${state})`);
  if (bad.length > 0)
    return { name: "keys", state: "degraded", says: `Some credentials need master keys that do not open: ${bad.join(", ")}. See docs/keys.md.` }; // biome-ignore format: one thought
  const found = Object.entries((await within(lastKeyCheck(db)))?.problems ?? {}).map(([code, count]) => `${count} ${code}`); // biome-ignore format: one thought
  return found.length === 0
    ? { name: "keys", state: "ok", says: "The master keys wrap and unwrap." }
    : { name: "keys", state: "degraded", says: `What is stored is not as it should be: ${found.join(", ")} at the last daily look. Run: npm run keys -- verify` }; // biome-ignore format: one thought
}

async function shared({ redis, bus, config }: House): Promise<Check> {
  if (redis && !redis.isUp())
    return { name: "cache", state: "degraded", says: "Redis is away; the database does its work." };
  if (!bus.hears())
    return { name: "cache", state: "degraded", says: "Other replicas cannot be heard; nothing is kept on their word." };
  const says = redis ? "Redis answers." : "url" in config.database ? "PostgreSQL is what replicas share." : "One process, so nothing is shared."; // biome-ignore format: one thought
  return { name: "cache", state: "ok", says };
}

async function catalogs({ catalogs: { all }, vendors }: House): Promise<Check> {
  const left = [...all.tools.values()].filter(({ facts }) => !all.lock.has(facts.hash)).length;
  const says = `${all.tools.size - left} tools of ${vendors.size} vendors.`;
  return left === 0
    ? { name: "tools", state: "ok", says }
    : { name: "tools", state: "degraded", says: `${says} ${left} are not served, they differ from the lock.` };
}

async function clock({ clock: { aheadMs } }: House): Promise<Check> {
  const words = clockWords(aheadMs);
  return words
    ? { name: "clock", state: "degraded", says: words }
    : { name: "clock", state: "ok", says: "It agrees with the database's." };
}

const inTime = async (work: Promise<unknown>): Promise<boolean> => (await within(work.then(() => true))) === true;

/** Undefined when it failed or took too long. */
async function within<Result>(work: Promise<Result>): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((decide) => {
    timer = setTimeout(decide, PATIENCE_MS, undefined);
  });
  return await Promise.race([work.catch(() => undefined), late]).finally(() => clearTimeout(timer));
}

/** One answer for all who ask within the time that it is good for. */
export function remembered<Result>(
  ask: () => Promise<Result>,
  goodMs: (result: Result) => number,
): () => Promise<Result> {
  let asked: { readonly answer: Promise<Result>; until: number } | undefined;
  return async () => {
    if (asked && performance.now() < asked.until) return await asked.answer;
    const asking = { answer: ask(), until: Number.POSITIVE_INFINITY };
    asked = asking;
    try {
      const result = await asking.answer;
      asking.until = performance.now() + goodMs(result);
      return result;
    } catch (error) {
      asking.until = 0;
      throw error;
    }
  };
}
