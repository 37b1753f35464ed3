import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import tls, { createServer, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { fetchConfigured, guardedFetch } from "../../../gateway/connections/outbound.ts";
import { scratch } from "../support.ts";

const standard = tls.DEFAULT_MIN_VERSION;
afterEach(() => {
  tls.DEFAULT_MIN_VERSION = standard;
});

/** A server that speaks this version alone, with a certificate that nobody trusts. */
async function speaking(version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3"): Promise<string> {
  const folder = scratch();
  const made = ["-newkey", "rsa:2048", "-nodes", "-keyout", `${folder}/key`, "-out", `${folder}/cert`, "-days", "1", "-subj", "/CN=localhost"]; // biome-ignore format: one thought
  execFileSync("openssl", ["req", "-x509", ...made], { stdio: "ignore" });
  const [key, cert] = [readFileSync(`${folder}/key`), readFileSync(`${folder}/cert`)];
  const server = createServer({ key, cert, minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" }, (socket: TLSSocket) => socket.end()); // biome-ignore format: one thought
  server.on("tlsClientError", () => {});
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

/** Why a request ended. A certificate is only looked at once both sides have agreed on a version. */
async function reason(origin: string): Promise<string> {
  const error = await fetchConfigured(origin, guardedFetch())(origin).catch((error: Error) => error);
  return String(((error as Error).cause as { code?: string } | undefined)?.code);
}

describe("outgoing calls", () => {
  it("speak TLS 1.2 or 1.3 (OPS-13)", async () => {
    expect(await reason(await speaking("TLSv1.2"))).toMatch(/SELF_SIGNED/);
    expect(await reason(await speaking("TLSv1.3"))).toMatch(/SELF_SIGNED/);
  });

  it("speak nothing older, whatever the process was told to allow (OPS-13)", async () => {
    tls.DEFAULT_MIN_VERSION = "TLSv1";
    expect(await reason(await speaking("TLSv1.1"))).toMatch(/PROTOCOL|VERSION/);
  });
});
