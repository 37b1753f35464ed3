import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls, { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorize } from "../e2e/authorize.ts";
import { connectClient } from "../e2e/clients.ts";
import { demoKeys } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { scratch } from "../gateway/support.ts";
import { freePort } from "../setup/free-port.ts";
import { lacking } from "../setup/lacking.ts";
import { type PostgresServer, startPostgres } from "../setup/postgres.ts";
import { type RedisServer, startRedis } from "../setup/redis.ts";
import { startCaddy } from "./caddy.ts";
import { newKeys } from "./keys.ts";
import { becomeOwner, owner, startProcess } from "./process.ts";

const standard = tls.getCACertificates("default");
let postgres: PostgresServer | { missing: string };
let redis: RedisServer | { missing: string };
let missing: string | undefined;
let served: Served;

beforeAll(async () => {
  const caddy = spawnSync("caddy", ["version"]).error ? { missing: "no caddy on this machine" } : {};
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  missing = [caddy, postgres, redis].flatMap((one) => ("missing" in one ? [one.missing as string] : [])).join("; ");
  served = await serveFakes();
  if (missing && process.env["REQUIRE_SERVICES"]) throw new Error(missing);
});
afterAll(async () => {
  tls.setDefaultCACertificates(standard);
  await served.close();
  for (const one of [postgres, redis]) if (one && "stop" in one) await one.stop();
});

/** The Compose set outside containers: production, two gateways, PostgreSQL, Redis, and Caddy with its own Caddyfile. */
async function composed() {
  const [port, ...replicas] = await Promise.all([freePort(), freePort(), freePort()]);
  const url = `https://localhost:${port}`;
  const shared = {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PUBLIC_URL: url,
    TRUST_PROXY: "127.0.0.1",
    DATABASE_URL: await (postgres as PostgresServer).newDatabase(),
    REDIS_URL: (redis as RedisServer).url,
    ...newKeys(),
  };
  const simulated = { SIMULATED_HOST: "api.itglue.com", SIMULATED_ORIGIN: served.origins["itglue"]! };
  const start = (one: number) =>
    startProcess({ ...shared, ...simulated, PORT: String(one), DATA_DIR: scratch() }, ["--import", "./test/deploy/simulated-vendor.ts"]); // biome-ignore format: one thought
  const first = await start(replicas[0]!);
  const second = await start(replicas[1]!);
  const proxy = await startCaddy({ port: port!, replicas, folder: scratch() });
  tls.setDefaultCACertificates([...standard, proxy.authority]);
  return { url, port: port!, first, second };
}

describe("the Compose set, outside containers", () => {
  it("takes a client the whole way over TLS, whichever replica answers (OPS-08, OPS-10, DOC-02)", async ({ skip }) => {
    if (missing) lacking(skip, missing);
    const { url, port, first, second } = await composed();
    const browser = await becomeOwner(first, url);
    const wish = { vendor: "itglue", person: owner, keys: demoKeys.itglue };
    const { accessToken } = await authorize({ url }, browser, wish);
    // Revisions with and without sessions: no replica keeps anything of a caller.
    for (const era of ["2026-07-28", "2025-11-25", "old SDK"] as const) {
      const client = await connectClient(era, `${url}/v1/itglue`, accessToken);
      for (let round = 0; round < 4; round++) {
        const found = await client.callTool({ name: "itglue_search_organizations", arguments: {} });
        expect(found.isError, JSON.stringify(found)).toBeFalsy();
      }
      await client.close();
    }
    expect((await fetch(`${url}/metrics`)).status).toBe(404);

    // One replica goes: what is asked next is answered by the other.
    second.child.kill("SIGTERM");
    for (let round = 0; round < 20; round++) expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await second.ended).toBe(0);
    for (let round = 0; round < 20; round++) expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await protocolAt(port, "TLSv1.3")).toBe("TLSv1.3");
    expect(await protocolAt(port, "TLSv1.2")).toMatch(/alert|ECONNRESET|EPROTO|protocol/i);
  }, 120_000);
});

describe("the proxy of the Compose set", () => {
  it("speaks TLS 1.3 and nothing older, as its own checker takes it (OPS-13)", ({ skip }) => {
    const folder = mkdtempSync(join(tmpdir(), "vendorsmith-caddy-"));
    const env = { ...process.env, PUBLIC_HOST: "mcp.example.com", HOME: folder, XDG_DATA_HOME: folder };
    const run = (...args: string[]) =>
      spawnSync("caddy", [...args, "--config", "deploy/compose/Caddyfile", "--adapter", "caddyfile"], { env, encoding: "utf8" }); // biome-ignore format: one thought
    const validate = run("validate");
    if (validate.error) lacking(skip, "no caddy on this machine");
    expect(validate.status, validate.stderr).toBe(0);
    const adapted = run("adapt");
    expect(JSON.parse(adapted.stdout).apps.http.servers.srv0.tls_connection_policies[0]).toMatchObject({ protocol_min: "tls1.3" }); // biome-ignore format: one thought
    rmSync(folder, { recursive: true, force: true });
  });
});

/** The protocol that was agreed on, or what stood against it. */
const protocolAt = (port: number, version: "TLSv1.2" | "TLSv1.3") =>
  new Promise<string>((done) => {
    const socket = connect({
      port,
      host: "localhost",
      servername: "localhost",
      minVersion: version,
      maxVersion: version,
    });
    socket.once("secureConnect", () => {
      done(socket.getProtocol() ?? "none");
      socket.destroy();
    });
    socket.once("error", (error) => done(error.message));
  });
