import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type Profile, profileFor } from "./profile.ts";

/** What a measured server says of itself once it listens, and again whenever it is asked. */
export interface Ready {
  readonly url: string;
  readonly headers?: Record<string, string>;
  /** Where the vendors of a gateway answer, by slug. */
  readonly origins?: Record<string, string>;
}

export interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
}

export interface Child {
  readonly ready: Ready;
  readonly pid: number;
  /** Says something that it does not answer. */
  tell(what: object): void;
  /** Has it do something, and waits for what came of it. */
  ask(work: string): Promise<unknown>;
  usage(): Promise<Usage>;
  /** What the process does from now on, for so long. */
  profile(ms: number): Promise<Profile>;
  stop(): Promise<void>;
}

/**
 * Starts a server of this folder, or the file of another one, in a process of its own, so that its CPU and memory are its own.
 * @param execArgv flags of node itself
 */
export async function startChild(
  file: string | URL,
  env: Record<string, string> = {},
  execArgv: readonly string[] = [],
): Promise<Child> {
  const process = fork(new URL(file, import.meta.url), {
    execArgv: [...execArgv],
    env: { ...globalThis.process.env, ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ready = (await message(process)) as Ready;
  return {
    ready,
    pid: process.pid!,
    tell: (what) => void process.send(what),
    ask(work) {
      process.send({ work });
      return message(process);
    },
    async usage() {
      process.send("usage");
      return (await message(process)) as Usage;
    },
    async profile(ms) {
      process.send({ profile: ms });
      return (await message(process)) as Profile;
    },
    async stop() {
      process.kill("SIGKILL");
      if (process.exitCode === null) await once(process, "exit");
    },
  };
}

/** The next thing the server says. */
function message(server: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      server.off("message", onMessage).off("exit", onExit);
      end();
    };
    const onMessage = (value: unknown) => settle(() => resolve(value));
    const onExit = (code: number | null) => settle(() => reject(new Error(`The measured server ended with ${code}.`)));
    server.on("message", onMessage).on("exit", onExit);
  });
}

/** The other half: called by a measured server when it listens. */
export function report(ready: Ready): void {
  process.on("message", async (asked: "usage" | { profile: number }) => {
    if (asked !== "usage") return process.send!(await profileFor(asked.profile));
    const { user, system } = process.cpuUsage();
    process.send!({ cpuMs: (user + system) / 1000, rssMb: process.memoryUsage.rss() / 2 ** 20 } satisfies Usage);
  });
  process.send!(ready);
}
