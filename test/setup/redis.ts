import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";

export interface RedisServer {
  url: string;
  /** As a power cut would, where it is a server of our own. */
  kill(): Promise<void>;
  /** Again at the same address, empty. */
  restart(): Promise<void>;
  /** Closed without a word: commands get no answer until `resume`. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/**
 * A real server: of TEST_REDIS_URL, which cannot be killed and must be empty, or a throwaway one of `redis-server`.
 * Otherwise a reason why there is none, which is a failure where REQUIRE_SERVICES is set.
 */
export async function startRedis(): Promise<RedisServer | { missing: string }> {
  const given = process.env["TEST_REDIS_URL"];
  if (given) {
    const cannot = () => {
      throw new Error("The server of TEST_REDIS_URL is not ours to stop.");
    };
    return { url: given, kill: cannot, restart: cannot, pause: cannot, resume: cannot, stop: async () => {} };
  }
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
  } catch {
    return { missing: "no TEST_REDIS_URL, and no redis-server" };
  }
  return await throwaway();
}

async function throwaway(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const start = async () => {
    const server = spawn("redis-server", flags, { stdio: "ignore" });
    const ended = new Promise<void>((done) => server.once("exit", () => done()));
    await answers(url);
    return { server, ended };
  };
  let running: Awaited<ReturnType<typeof start>> | undefined = await start();
  const kill = async () => {
    running?.server.kill("SIGKILL");
    await running?.ended;
    running = undefined;
  };
  return {
    url,
    kill,
    async restart() {
      await kill();
      running = await start();
    },
    pause: () => void running?.server.kill("SIGSTOP"),
    resume: () => void running?.server.kill("SIGCONT"),
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string) {
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 100 });
  client.on("error", () => {});
  await client.ping().finally(() => client.disconnect());
}
