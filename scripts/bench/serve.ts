import { type Child, startChild } from "./child.ts";
import { type Load, load, median, percentile, type Target } from "./load.ts";

export interface Served {
  readonly name: string;
  readonly connections: number;
  readonly rps: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Of the server's process, user and system together, for one request. */
  readonly cpu_ms: number;
  readonly rss_mb: number;
}

interface Subject {
  readonly name: string;
  readonly child: Child;
  readonly target: Target;
}

const ROUNDS = 3;
const DEVICE = "0f8fad5b-d9cb-469f-a165-70867728950e";

/** All subjects in turn, several rounds, so that a noisy minute hits each of them; medians over the rounds. */
export async function measureServing(seconds: number, progress: (line: string) => void): Promise<Served[]> {
  const vendor = await startChild("./servers/vendor.ts");
  const env = { VENDOR_URL: vendor.ready.url };
  const node = await startChild("./servers/bare-node.ts", env);
  const proxy = await startChild("./servers/http-proxy.ts", env);
  const sdk = await startChild("./servers/bare-sdk.ts", env);
  const gateway = await startChild("./servers/gateway.ts", env);
  try {
    const subjects: Subject[] = [
      { name: "vendor call from a bare node server", child: node, target: get(node.ready.url) },
      { name: "Fastify + http-proxy", child: proxy, target: get(proxy.ready.url) },
      { name: "bare SDK server, tools/call", child: sdk, target: call(sdk.ready.url, "get_device") },
      { name: "Vendorsmith, tools/call", child: gateway, target: ours(gateway, "datto-rmm", "datto_get_device") },
      { name: "Vendorsmith, tools/list", child: gateway, target: ours(gateway, "itglue") },
    ];
    const results: Served[] = [];
    for (const connections of [1, 10]) results.push(...(await compare(subjects, connections, seconds, progress)));
    return results;
  } finally {
    await Promise.all([vendor, node, proxy, sdk, gateway].map((child) => child.stop()));
  }
}

async function compare(
  subjects: readonly Subject[],
  connections: number,
  seconds: number,
  progress: (line: string) => void,
) {
  for (const { target } of subjects) await load(target, connections, seconds / 2); // warm
  const rounds: { subject: Subject; load: Load; cpuMs: number; rssMb: number }[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    for (const subject of subjects) {
      progress(`serve: ${connections} connection(s), round ${round} of ${ROUNDS}: ${subject.name}`);
      const before = await subject.child.usage();
      const measured = await load(subject.target, connections, seconds);
      const after = await subject.child.usage();
      rounds.push({
        subject,
        load: measured,
        cpuMs: (after.cpuMs - before.cpuMs) / measured.requests,
        rssMb: after.rssMb,
      });
    }
  }
  return subjects.map((subject) => {
    const own = rounds.filter((one) => one.subject === subject);
    return {
      name: subject.name,
      connections,
      rps: Math.round(median(own.map(({ load }) => load.requests / load.seconds))),
      p50_ms: rounded(median(own.map(({ load }) => percentile(load.latenciesMs, 0.5)))),
      p99_ms: rounded(median(own.map(({ load }) => percentile(load.latenciesMs, 0.99)))),
      cpu_ms: rounded(median(own.map(({ cpuMs }) => cpuMs))),
      rss_mb: Math.round(median(own.map(({ rssMb }) => rssMb))),
    };
  });
}

const rounded = (value: number) => Math.round(value * 100) / 100;

const get = (url: string): Target => ({ url, method: "GET", headers: {} });

/** A 2026-07-28 request as it goes over the wire. */
function request(
  url: string,
  method: string,
  params: Record<string, unknown>,
  headers: Record<string, string> = {},
): Target {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return {
    url,
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(typeof params["name"] === "string" && { "mcp-name": params["name"] }),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } }),
  };
}

const call = (url: string, name: string, headers = {}) =>
  request(url, "tools/call", { name, arguments: { deviceUid: DEVICE } }, headers);

function ours({ ready }: Child, vendor: string, tool?: string): Target {
  const url = `${ready.url}/v1/${vendor}`;
  const headers = { authorization: ready.headers![vendor]! };
  return tool ? call(url, tool, headers) : request(url, "tools/list", {}, headers);
}
