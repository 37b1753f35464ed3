import { spawn } from "node:child_process";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the packages' commands are; run by their files, because npx would look elsewhere first. */
export const CONFORMANCE = "node_modules/@modelcontextprotocol/conformance/dist/index.js";
export const INSPECTOR = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js";

/** Runs a Node program to its end, and ends it when that takes too long. `onText` hears its output as it comes. */
export function run(
  args: readonly string[],
  {
    limitMs = 120_000,
    env,
    onText,
  }: { limitMs?: number; env?: Record<string, string>; onText?: (text: string) => void } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      onText?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}
