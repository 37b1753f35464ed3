import { spawn } from "node:child_process";
import { afterAll, describe, expect, it } from "vitest";
import { startPostgres } from "../../setup/postgres.ts";
import { startRedis } from "../../setup/redis.ts";

const postgres = await startPostgres();
const redis = await startRedis();
afterAll(async () => {
  if (!("missing" in postgres)) await postgres.stop();
  if (!("missing" in redis)) await redis.stop();
});

const WINDOW_MS = 3000;
const REQUESTS = 60;
const limits = { all: { requests: REQUESTS, windowMs: WINDOW_MS } };

/** Two processes that together send as much as they may. @returns when each request started, by process */
async function sendTogether(
  place: { url: string; redisUrl?: string },
  { ms, meanwhile }: { ms: number; meanwhile?(): Promise<void> },
) {
  const script = new URL("spend.ts", import.meta.url).pathname;
  const children = [1, 2].map(() => {
    const child = spawn(process.execPath, [script, JSON.stringify({ ...place, limits, ms })], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    let text = "";
    const ready = new Promise<void>((resolve) =>
      child.stdout.on("data", (chunk) => {
        text += chunk;
        if (text.startsWith("ready")) resolve();
      }),
    );
    const ended = new Promise<number[]>((resolve) =>
      child.once("close", () => resolve(JSON.parse(text.split("\n")[1] || "[]"))),
    );
    return { child, ready, ended };
  });
  await Promise.all(children.map(({ ready }) => ready));
  for (const { child } of children) child.stdin.write("go\n");
  await meanwhile?.();
  return await Promise.all(children.map(({ ended }) => ended));
}

/** The most requests in any window, of all processes together. */
function busiest(starts: readonly number[]) {
  const sorted = [...starts].sort((a, b) => a - b);
  const counts = sorted.map((at) => sorted.filter((other) => other >= at && other < at + WINDOW_MS).length);
  return Math.max(...counts);
}

const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

if (!("missing" in postgres))
  describe("two processes that ask one vendor with one account", () => {
    const keepTheBudget = ([a, b]: readonly number[][], ms: number) => {
      expect(busiest([...a!, ...b!])).toBeLessThanOrEqual(REQUESTS);
      expect(Math.min(a!.length, b!.length)).toBeGreaterThan(0);
      // And it is not kept by standing still: at least half of what the vendor allows is used.
      expect(a!.length + b!.length).toBeGreaterThan((REQUESTS * (ms / WINDOW_MS)) / 2);
    };

    it("keep its budget together through PostgreSQL (OPS-10, VEN-26)", { timeout: 60_000 }, async () => {
      keepTheBudget(await sendTogether({ url: await postgres.newDatabase() }, { ms: 7000 }), 7000);
    });

    if (!("missing" in redis)) {
      it("keep its budget together through Redis (OPS-05, OPS-10, VEN-26)", { timeout: 60_000 }, async () => {
        const place = { url: await postgres.newDatabase(), redisUrl: redis.url };
        keepTheBudget(await sendTogether(place, { ms: 7000 }), 7000);
      });

      it("keep it while Redis is killed and comes back empty (OPS-05, OPS-10)", { timeout: 60_000 }, async () => {
        const place = { url: await postgres.newDatabase(), redisUrl: redis.url };
        const meanwhile = async () => {
          await wait(2500);
          await redis.kill();
          await wait(3000);
          await redis.restart();
        };
        keepTheBudget(await sendTogether(place, { ms: 10_000, meanwhile }), 10_000);
      });
    } else if (process.env["REQUIRE_SERVICES"]) it("has Redis (OPS-05)", () => expect.fail(redis.missing));
  });
else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(postgres.missing));
else console.warn(`not tested: a vendor's budget of several replicas (${postgres.missing})`);
