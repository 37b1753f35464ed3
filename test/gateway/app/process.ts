import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";

export interface Gateway {
  process: ChildProcessByStdio<null, Readable, Readable>;
  output(): string;
  /** Resolves when the output holds the text; rejects when the process ends without. */
  says(text: string): Promise<string>;
  ended: Promise<number | null>;
}

/** `node gateway/main.ts` in a process of its own. */
export function gateway(env: Record<string, string>, flags: readonly string[] = []): Gateway {
  const child = spawn(process.execPath, [...flags, "gateway/main.ts"], {
    env: { PATH: process.env["PATH"]!, LOG_LEVEL: "error", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  const collect = (text: string) => {
    output += text;
  };
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  const ended = new Promise<number | null>((done) => child.once("close", done));
  const says = (text: string) =>
    new Promise<string>((found, missing) => {
      const look = () => output.includes(text) && found(output);
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      ended.then(() => missing(new Error(`The gateway ended: ${output}`)));
      look();
    });
  return { process: child, output: () => output, says, ended };
}
