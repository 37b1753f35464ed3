import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/setup/free-port.ts";
import { ended, type Ground } from "./ground.ts";

/** A Redis of this run alone that keeps nothing on disk: killed, it comes back empty. */
export interface Redis {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

export async function startRedis(ground: Ground): Promise<Redis> {
  const port = await freePort();
  let server: ChildProcess | undefined;
  const redis: Redis = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const flags = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
      server = ground.spawn("redis-server", flags, { stdio: "ignore", cwd: ground.folder });
      for (let waited = 0; !(await listens(port)); waited += 20) {
        if (server.exitCode !== null || waited > 10_000) throw new Error("redis-server did not start.");
        await sleep(20);
      }
    },
    async kill() {
      server!.kill("SIGKILL");
      await ended(server!);
    },
  };
  await redis.start();
  return redis;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
