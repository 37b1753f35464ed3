import { type ChildProcess, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/setup/free-port.ts";
import { ended, type Ground } from "./ground.ts";

/** One process of the gateway, `node gateway/main.ts`. */
export interface Replica {
  readonly port: number;
  /** Resolves when it answers `/health`. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** SIGTERM. @returns the exit code */
  stop(): Promise<number | null>;
  pause(): void;
  resume(): void;
  usage(): Usage;
  /** What it printed over all its starts, or the last pieces of that. */
  printed(last?: number): string;
}

export interface Usage {
  readonly rssMb: number;
  readonly files: number;
  readonly sockets: number;
  readonly cpuMs: number;
}

/** A program and what it is given before the gateway's file. */
export type Command = readonly [string, ...string[]];

const MOST_KEPT = 200 * 2 ** 20;

/** @param command node with its flags, or what runs node for a process whose clock or files are bent */
export async function replica(
  ground: Ground,
  env: Readonly<Record<string, string>>,
  { command = [process.execPath], patienceMs = 60_000 }: { command?: Command; patienceMs?: number } = {},
): Promise<Replica> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const lines: string[] = [];
  let kept = 0;
  const keep = (chunk: Buffer) => {
    kept += chunk.length;
    if (kept < MOST_KEPT) lines.push(chunk.toString());
  };

  return {
    port,
    async start() {
      const [program, ...args] = command;
      const started = ground.spawn(program, [...args, "gateway/main.ts"], {
        env: { PATH: process.env["PATH"], NODE_ENV: "development", PORT: String(port), ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      child = started;
      for (const stream of [started.stdout, started.stderr]) stream!.on("data", keep);
      for (let waited = 0; waited < patienceMs; waited += 20) {
        if (started.exitCode !== null || started.signalCode !== null)
          throw new Error(`The gateway ended:\n${lines.join("").slice(-3000)}`);
        if (await isHealthy(port)) return;
        await sleep(20);
      }
      throw new Error(`The gateway did not start:\n${lines.join("").slice(-3000)}`);
    },
    async kill() {
      child!.kill("SIGKILL");
      await ended(child!);
    },
    async stop() {
      child!.kill("SIGTERM");
      await ended(child!);
      return child!.exitCode;
    },
    pause: () => void child!.kill("SIGSTOP"),
    resume: () => void child!.kill("SIGCONT"),
    usage: () => usageOf(child!.pid!),
    printed: (last = lines.length) => lines.slice(-last).join(""),
  };
}

const isHealthy = (port: number) =>
  fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(3000) }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );

const HZ = Number(spawnSync("getconf", ["CLK_TCK"], { encoding: "utf8" }).stdout || 100);

/** As /proc tells. */
export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const links = readdirSync(`/proc/${pid}/fd`);
  const sockets = links.filter((link) => targetOf(`/proc/${pid}/fd/${link}`).startsWith("socket:")).length;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return {
    rssMb: Math.round((Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024) * 10) / 10,
    files: links.length,
    sockets,
    cpuMs: Math.round(((Number(fields[11]) + Number(fields[12])) * 1000) / HZ),
  };
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return ""; // closed meanwhile
  }
}
