import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/setup/free-port.ts";
import { median } from "./load.ts";

const ROUNDS = 5;

/** From `node gateway/main.ts` to the first answer of `/health`, with keys and database in place; median. */
export async function measureStart(progress: (line: string) => void): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-start-"));
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    progress(`start: round ${round} of ${ROUNDS}`);
    const time = await startOnce(folder);
    if (round > 0) times.push(time); // the first one makes keys, database and compile cache
  }
  rmSync(folder, { recursive: true, force: true });
  return Math.round(median(times));
}

async function startOnce(folder: string): Promise<number> {
  const port = await freePort();
  const start = performance.now();
  const gateway = spawn(process.execPath, ["gateway/main.ts"], {
    env: { ...process.env, PORT: String(port), DATA_DIR: folder },
    stdio: "ignore",
  });
  try {
    while (!(await answers(port))) {
      if (gateway.exitCode !== null) throw new Error(`The gateway ended with ${gateway.exitCode}.`);
      await new Promise((next) => setTimeout(next, 5));
    }
    return performance.now() - start;
  } finally {
    gateway.kill("SIGKILL");
    await once(gateway, "exit");
  }
}

const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
