import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import manifest from "../../package.json" with { type: "json" };
import { freePort } from "../../test/setup/free-port.ts";
import { startChild } from "./child.ts";
import { median, type Target } from "./load.ts";
import { rssMbOf } from "./processes.ts";
import { call } from "./targets.ts";

export interface Start {
  /** From `npm start` to the first answer of `/health`, and to the first answered call of a tool. */
  readonly health_ms: number;
  readonly call_ms: number;
  /** Of the process, twelve seconds after that call. */
  readonly idle_rss_mb: number;
}

/** Of `npm start`. */
export const FLAGS = manifest.scripts.start.split(" ").slice(1, -1);
const ROUNDS = 5;
/** Long enough that memory is given back. */
const SETTLE_MS = 12_000;
const LONGEST_MS = 120_000;

/** A fresh process with all vendors, keys and database in place: with what it compiled last time, and without. */
export async function measureStart(progress: (line: string) => void): Promise<Record<"warm" | "cold", Start>> {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-start-"));
  const vendor = await startChild("./servers/vendor.ts");
  const port = String(await freePort());
  const env = { VENDOR_URL: vendor.ready.url, NODE_ENV: "test", PORT: port, DATA_DIR: join(folder, "data") };
  try {
    progress("start: keys, database and somebody with a token");
    const house = await startChild("./servers/replica.ts", env);
    await house.stop();
    const { url, headers, origins } = house.ready;
    const first = {
      env: { ...env, DEV_VENDOR_ORIGINS: JSON.stringify(origins) },
      call: call(`${url}/v1/datto-rmm`, "datto_get_device", { authorization: headers!["person 0"]! }),
      health: `${url}/health`,
    };
    const times = { warm: [] as Start[], cold: [] as Start[] };
    await startOnce(first, join(folder, "compiled")); // makes the compile cache
    for (let round = 1; round <= ROUNDS; round++)
      for (const kind of ["warm", "cold"] as const) {
        progress(`start: round ${round} of ${ROUNDS}, ${kind}`);
        const cache = join(folder, kind === "warm" ? "compiled" : `compiled-${round}`);
        times[kind].push(await startOnce(first, cache));
      }
    return { warm: mediansOf(times.warm), cold: mediansOf(times.cold) };
  } finally {
    await vendor.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface First {
  readonly env: Record<string, string>;
  readonly health: string;
  readonly call: Target;
}

async function startOnce({ env, health, call }: First, cache: string): Promise<Start> {
  const began = performance.now();
  const gateway = spawn(process.execPath, [...FLAGS, "gateway/main.ts"], {
    env: { ...process.env, ...env, NODE_COMPILE_CACHE: cache },
    stdio: "ignore",
  });
  const answered = async (ask: () => Promise<boolean>) => {
    let last: unknown;
    const isAnswered = () =>
      ask().catch((error: unknown) => {
        last = error;
        return false;
      });
    while (!(await isAnswered())) {
      if (gateway.exitCode !== null) throw new Error(`The gateway ended with ${gateway.exitCode}.`);
      if (performance.now() - began > LONGEST_MS) throw new Error("The gateway did not answer.", { cause: last });
      await wait(5);
    }
    return performance.now() - began;
  };
  try {
    const health_ms = await answered(async () => (await fetch(health)).ok);
    const call_ms = await answered(async () => {
      const answer = await fetch(call.url, { method: "POST", headers: call.headers, body: call.body! });
      const text = await answer.text();
      if (!answer.ok || text.includes('"isError":true')) throw new Error(text);
      return true;
    });
    await wait(SETTLE_MS);
    return { health_ms, call_ms, idle_rss_mb: rssMbOf(gateway.pid!) };
  } finally {
    gateway.kill("SIGTERM"); // what was compiled is written at the end
    const late = setTimeout(() => gateway.kill("SIGKILL"), 5000);
    await once(gateway, "exit");
    clearTimeout(late);
  }
}

const mediansOf = (starts: readonly Start[]): Start => ({
  health_ms: Math.round(median(starts.map(({ health_ms }) => health_ms))),
  call_ms: Math.round(median(starts.map(({ call_ms }) => call_ms))),
  idle_rss_mb: Math.round(median(starts.map(({ idle_rss_mb }) => idle_rss_mb))),
});
