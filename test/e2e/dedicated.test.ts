import { afterAll, beforeAll, expect, it } from "vitest";
import { becomeOwner, owner, startProcess } from "../deploy/process.ts";
import { demoKeys } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { scratch } from "../gateway/support.ts";
import { freePort } from "../setup/free-port.ts";
import { authorize } from "./authorize.ts";
import { connectClient } from "./clients.ts";

let served: Served;
beforeAll(async () => {
  served = await serveFakes();
});
afterAll(() => served.close());

/** Processes of one image: a front, and a worker with a database and keys of its own for each host. */
async function dedicated(hosts: readonly string[]) {
  const PORT = String(await freePort());
  const tenants: Record<string, string> = {};
  const workers = await Promise.all(
    hosts.map(async (host) => {
      const own = String(await freePort());
      tenants[host] = `http://127.0.0.1:${own}`;
      const url = `http://${host}:${PORT}`;
      const DEV_VENDOR_ORIGINS = JSON.stringify({ itglue: served.origins["itglue"] });
      const env = { PORT: own, PUBLIC_URL: url, DATA_DIR: scratch(), VENDORS: "itglue", TRUST_PROXY: "127.0.0.1" };
      return { url, direct: tenants[host]!, running: await startProcess({ ...env, DEV_VENDOR_ORIGINS }) };
    }),
  );
  const front = await startProcess({ PORT, HOST: "127.0.0.1", ROLE: "front", TENANTS: JSON.stringify(tenants) });
  return { front, workers };
}

it("serves each tenant from a worker of its own, whose tokens are worth nothing at another's host (TEN-09)", async () => {
  const { front, workers } = await dedicated(["localhost", "127.0.0.1"]);
  expect(front.output()).toContain("Requests go to the workers of:");
  const tokens: string[] = [];
  for (const { url, running } of workers) {
    const browser = await becomeOwner(running, url);
    const { accessToken } = await authorize({ url }, browser, {
      vendor: "itglue",
      person: owner,
      keys: demoKeys.itglue,
    });
    tokens.push(accessToken);
    const client = await connectClient("2026-07-28", `${url}/v1/itglue`, accessToken);
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    const found = await client.callTool({ name: "itglue_search_organizations", arguments: {} });
    expect(found.isError, JSON.stringify(found)).toBeFalsy();
    await client.close();
  }
  const status = async (url: string, token: string) =>
    (await fetch(`${url}/v1/itglue`, { method: "POST", body: LIST, headers: headersOf(token) })).status;
  expect([await status(workers[0]!.url, tokens[0]!), await status(workers[1]!.url, tokens[1]!)]).toEqual([200, 200]);
  expect([await status(workers[0]!.url, tokens[1]!), await status(workers[1]!.url, tokens[0]!)]).toEqual([401, 401]);

  const [ours] = workers;
  const through = await median(() => status(ours!.url, tokens[0]!));
  const direct = await median(() => status(ours!.direct, tokens[0]!));
  console.log(`A list takes ${direct.toFixed(1)} ms at the worker and ${through.toFixed(1)} ms through the front.`);
  expect(through - direct).toBeLessThan(100);

  front.child.kill("SIGTERM");
  expect(await front.ended).toBe(0);
}, 120_000);

const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
const headersOf = (token: string) => ({
  authorization: `Bearer ${token}`,
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
});

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 100; round++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b)[50]!;
}
