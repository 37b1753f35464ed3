import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../test/setup/free-port.ts";
import { startChild } from "./child.ts";
import { load, median, percentile, type Target } from "./load.ts";
import { childrenCpuMsOf, ownCpuMsOf, rssMbOf } from "./processes.ts";
import { ourCall } from "./targets.ts";

/** In no lock and no commit: installed at these versions, without their scripts, when they are measured. Their licences are theirs. */
const PEERS = { supergateway: "4.0.0", "mcp-proxy": "6.7.19", "mcp-hub": "4.2.1" } as const;
const FOLDER = resolve("out/bench-peers");
const UPSTREAM = fileURLToPath(new URL("./servers/stdio-upstream.ts", import.meta.url));
const ARGUMENTS = { deviceUid: "0f8fad5b-d9cb-469f-a165-70867728950e" };
const CONNECTIONS = 10;
const ROUNDS = 3;

export interface Peer {
  readonly name: string;
  readonly rps: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Of its own process for one call. */
  readonly cpu_ms: number;
  /** Of the server it starts and talks to over a pipe; ours talks to the vendor's address instead. */
  readonly upstream_cpu_ms: number;
  readonly rss_mb: number;
}

interface Running {
  readonly pid: number;
  readonly targets: readonly Target[];
  stop(): Promise<void> | void;
}

/** Other gateways in front of a server that answers one device at once, and ours in front of a vendor that answers the same. */
export async function measurePeers(seconds: number, progress: (line: string) => void): Promise<Peer[] | string> {
  progress(`peers: installing ${names().join(", ")} into out/bench-peers`);
  const trouble = install();
  if (trouble) return trouble;
  const running: [string, Running][] = [];
  try {
    const subjects = {
      "Vendorsmith, everything on": ours,
      [`supergateway ${PEERS.supergateway}`]: supergateway,
      [`mcp-proxy ${PEERS["mcp-proxy"]}`]: mcpProxy,
      [`mcp-hub ${PEERS["mcp-hub"]}, by its REST API`]: mcpHub,
    };
    for (const [name, start] of Object.entries(subjects)) {
      progress(`peers: starting ${name}`);
      const subject = await start();
      running.push([name, subject]);
      await load(subject.targets, CONNECTIONS, seconds / 2);
    }
    const rounds: { name: string; row: Omit<Peer, "name"> }[] = [];
    for (let round = 1; round <= ROUNDS; round++)
      for (const [name, { pid, targets }] of running) {
        progress(`peers: round ${round} of ${ROUNDS}: ${name}`);
        const before = [ownCpuMsOf(pid), childrenCpuMsOf(pid)] as const;
        const { requests, seconds: took, latenciesMs } = await load(targets, CONNECTIONS, seconds);
        const row = {
          rps: requests / took,
          p50_ms: percentile(latenciesMs, 0.5),
          p99_ms: percentile(latenciesMs, 0.99),
          cpu_ms: (ownCpuMsOf(pid) - before[0]) / requests,
          upstream_cpu_ms: (childrenCpuMsOf(pid) - before[1]) / requests,
          rss_mb: rssMbOf(pid),
        };
        rounds.push({ name, row });
      }
    return running.map(([name]) => ({
      name,
      ...mediansOf(rounds.filter((one) => one.name === name).map(({ row }) => row)),
    }));
  } finally {
    await Promise.all(running.map(([, { stop }]) => stop()));
  }
}

const names = () => Object.entries(PEERS).map(([name, version]) => `${name}@${version}`);

/** @returns why they are not there */
function install(): string | undefined {
  const wanted = Object.entries(PEERS);
  const isThere = wanted.every(([name, version]) => versionOf(name) === version);
  if (isThere) return undefined;
  try {
    mkdirSync(FOLDER, { recursive: true });
    const flags = ["--prefix", FOLDER, "--ignore-scripts", "--no-audit", "--no-fund"];
    execFileSync("npm", ["install", ...flags, ...names()], { stdio: ["ignore", "ignore", "inherit"] });
    return undefined;
  } catch (error) {
    return `The others could not be installed: ${(error as Error).message.split("\n", 1)[0]}`;
  }
}

function versionOf(name: string): string | undefined {
  const file = join(FOLDER, "node_modules", name, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
}

async function ours(): Promise<Running> {
  const vendor = await startChild("./servers/vendor.ts");
  const gateway = await startChild("./servers/gateway.ts", { VENDOR_URL: vendor.ready.url });
  const stop = async () => void (await Promise.all([gateway.stop(), vendor.stop()]));
  return { pid: gateway.pid, targets: [ourCall(gateway)], stop };
}

async function supergateway(): Promise<Running> {
  const port = await freePort();
  const flags = ["--stdio", `${process.execPath} ${UPSTREAM}`, "--outputTransport", "streamableHttp", "--stateful"];
  const peer = run("supergateway", [...flags, "--port", String(port), "--logLevel", "none"]);
  return { ...peer, targets: await inSessions(`http://127.0.0.1:${port}/mcp`) };
}

async function mcpProxy(): Promise<Running> {
  const port = await freePort();
  const flags = ["--host", "127.0.0.1", "--port", String(port), "--server", "stream", "--no-eventStore"];
  const peer = run("mcp-proxy", [...flags, "--", process.execPath, UPSTREAM]);
  return { ...peer, targets: await inSessions(`http://127.0.0.1:${port}/mcp`) };
}

async function mcpHub(): Promise<Running> {
  const port = await freePort();
  const config = join(FOLDER, "hub.json");
  writeFileSync(config, JSON.stringify({ mcpServers: { bench: { command: process.execPath, args: [UPSTREAM] } } }));
  const peer = run("mcp-hub", ["--port", String(port), "--config", config]);
  const target: Target = {
    url: `http://127.0.0.1:${port}/api/servers/tools`,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ server_name: "bench", tool: "get_device", arguments: ARGUMENTS }),
  };
  await until(async () => (await post(target.url, target.headers, target.body!)).ok);
  return { ...peer, targets: [target] };
}

function run(name: string, flags: readonly string[]): Pick<Running, "pid" | "stop"> {
  const manifest = JSON.parse(readFileSync(join(FOLDER, "node_modules", name, "package.json"), "utf8"));
  const bin = typeof manifest.bin === "string" ? manifest.bin : manifest.bin[name];
  const child = spawn(process.execPath, [join(FOLDER, "node_modules", name, bin), ...flags], {
    cwd: FOLDER,
    stdio: "ignore",
    detached: true,
    env: { ...process.env, XDG_STATE_HOME: FOLDER }, // mcp-hub notes there what runs
  });
  // With what it has started: a group of its own.
  return { pid: child.pid!, stop: () => void process.kill(-child.pid!, "SIGKILL") };
}

/** Answers are told apart by the ids of a session, so each connection has one, and these gateways start a server for each. */
async function inSessions(url: string): Promise<Target[]> {
  const targets: Target[] = [];
  while (targets.length < CONNECTIONS) targets.push(await inSession(url));
  return targets;
}

/** A call in a session of the protocol of 2025, which these gateways keep for a client. */
async function inSession(url: string): Promise<Target> {
  const version = "2025-06-18";
  const plain = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const hello = {
    jsonrpc: "2.0",
    id: 0,
    method: "initialize",
    params: { protocolVersion: version, capabilities: {}, clientInfo: { name: "bench", version: "0" } },
  };
  let session = "";
  await until(async () => {
    const answer = await post(url, plain, JSON.stringify(hello));
    await answer.text();
    session = answer.headers.get("mcp-session-id") ?? "";
    return answer.ok;
  });
  const headers = { ...plain, "mcp-protocol-version": version, ...(session !== "" && { "mcp-session-id": session }) };
  await (await post(url, headers, JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }))).text();
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "get_device", arguments: ARGUMENTS } };
  return { url, method: "POST", headers, body: JSON.stringify(call) };
}

const post = (url: string, headers: Readonly<Record<string, string>>, body: string) =>
  fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });

async function until(isReady: () => Promise<boolean>) {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    if (await isReady().catch(() => false)) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error("A gateway that is measured did not start within a minute.");
}

type Row = Omit<Peer, "name">;

const mediansOf = (rows: readonly Row[]): Row =>
  Object.fromEntries(
    Object.keys(rows[0]!).map((name) => [
      name,
      Math.round(1000 * median(rows.map((row) => row[name as keyof Row]))) / 1000,
    ]),
  ) as unknown as Row;
