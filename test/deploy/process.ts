import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { createBrowser } from "../e2e/browser.ts";
import { PASSWORD, type Person } from "../e2e/gateway.ts";

export interface Running {
  readonly child: ChildProcess;
  output(): string;
  /** Exit code. */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

/**
 * `node gateway/main.ts` as a process of its own, once its health is good; stopped after the test.
 * @param flags for Node, before the program
 */
export async function startProcess(env: Record<string, string>, flags: readonly string[] = []): Promise<Running> {
  const child = spawn(process.execPath, [...flags, "gateway/main.ts"], {
    env: { PATH: process.env["PATH"]!, LOG_LEVEL: "warn", AUDIT_LOG_FILE: "off", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const collect = (text: Buffer) => {
    output += text;
  };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", collect);
  const ended = new Promise<number | null>((done) => child.once("close", done));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(stop);
  for (let tries = 0; ; tries++) {
    if (tries > 1200 || child.exitCode !== null) throw new Error(`It did not start:\n${output.slice(-2000)}`);
    const { ok } = await fetch(`http://127.0.0.1:${env["PORT"]}/health`, { headers: {} }).catch(() => ({ ok: false }));
    if (ok && /\n(Data:|Requests go)/.test(output)) return { child, output: () => output, ended, stop };
    await sleep(25);
  }
}

export const owner: Person = { id: "", email: "owner@example.com", password: PASSWORD };

/** Takes the set-up link that a first start prints, at whatever address the gateway is reached. */
export async function becomeOwner({ output }: Pick<Running, "output">, url: string) {
  const path = /\/setup\/[\w-]+/.exec(output())![0];
  const browser = createBrowser(url);
  const { email } = owner;
  const done = await browser.submit(await browser.get(path), { name: "Owner", email, password: PASSWORD, password2: PASSWORD }); // biome-ignore format: one thought
  if (done.status !== 200) throw new Error(`Set-up ended with ${done.status}: ${done.html}`);
  return browser;
}
