import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../setup/free-port.ts";

export interface Prometheus {
  /** What a query yields now. @throws Error with the server's words where it does not take the query */
  query(expression: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]>;
  /** `data` of an address of its HTTP interface, below /api/v1. */
  ask<Data>(path: string): Promise<Data>;
  stop(): Promise<void>;
}

const EXAMPLE = "deploy/prometheus/prometheus.yml";
const TARGET = "127.0.0.1:9464";

/**
 * A real server with the example configuration and the rules of this repository, which asks a gateway on this machine,
 * and asks and evaluates sixty times as often as the example.
 * @param port where the gateway's metrics are
 */
export async function startPrometheus(port: number): Promise<Prometheus> {
  const own = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-prometheus-"));
  const file = join(folder, "prometheus.yml");
  const text = readFileSync(EXAMPLE, "utf8");
  if (!text.includes(TARGET)) throw new Error(`${EXAMPLE} does not ask ${TARGET}.`);
  const rules = resolve("deploy/prometheus/alerts.yml");
  writeFileSync(
    file,
    text.replace(TARGET, `127.0.0.1:${port}`).replace("alerts.yml", rules).replaceAll("15s", "250ms"),
  );
  const address = `127.0.0.1:${own}`;
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${folder}`, `--web.listen-address=${address}`];
  const child = spawn("prometheus", flags, { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.on("data", (data: Buffer) => {
    output += data;
  });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; ; tries++) {
    const { ok } = await fetch(`http://${address}/-/ready`).catch(() => ({ ok: false }));
    if (ok) break;
    if (tries > 800 || child.exitCode !== null) throw new Error(`prometheus did not start:\n${output.slice(-2000)}`);
    await sleep(25);
  }
  const ask = async <Data>(path: string): Promise<Data> => {
    const answer = (await (await fetch(`http://${address}/api/v1/${path}`)).json()) as { data: Data; error?: string };
    if (answer.error) throw new Error(answer.error);
    return answer.data;
  };
  return {
    ask,
    query: async (expression) =>
      (await ask<{ result: never[] }>(`query?${new URLSearchParams({ query: expression })}`)).result,
    stop,
  };
}
