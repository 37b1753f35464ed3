import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildApp } from "../../gateway/app.ts";
import { readConfig } from "../../gateway/config.ts";
import { setupToken } from "../../gateway/identity/setup.ts";
import type { Vendor } from "../../runtime/index.ts";
import { monitor, papers, serveSampleVendors } from "../gateway/pages/sample-vendors.ts";
import { freePort } from "../setup/free-port.ts";

export const OWNER = { name: "Ann Owner", email: "ann@example.com", password: "correct horse battery" };

export type House = Awaited<ReturnType<typeof openHouse>>;

/** A gateway that listens, two vendors behind it, and an app that wants to use them: all on loopback. */
export async function openHouse(
  env: Record<string, string> = {},
  more: readonly Vendor[] = [],
  { port: wanted }: { port?: number } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-"));
  const vendors = await serveSampleVendors();
  const port = wanted ?? (await freePort());
  const origin = `http://localhost:${port}`;
  const config = readConfig({
    DATA_DIR: folder,
    LOG_LEVEL: "silent",
    AUDIT_LOG_FILE: "off",
    PORT: String(port),
    ...vendors.env,
    ...env,
    DEV_VENDOR_ORIGINS: JSON.stringify({ ...originsIn(vendors.env), ...originsIn(env) }),
  });
  const app = await buildApp({ config, vendors: [monitor, papers, ...more], lock: {} });
  await app.listen({ port, host: "127.0.0.1" });
  const client = await listeningClient();
  const setup = `${origin}/setup/${await setupToken(app)}`;

  return {
    app,
    origin,
    setup,
    vendorsSaw: vendors.seen,
    client,
    /** Registers an app and gives the address that starts its authorization. */
    async authorizeUrl(vendor: string, { name = "Robo Assistant", scope = `${vendor}:read ${vendor}:write` } = {}) {
      const registered = await fetch(`${origin}/oauth/register`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          client_name: name,
          redirect_uris: [client.redirect],
          token_endpoint_auth_method: "none",
        }),
      });
      const { client_id } = (await registered.json()) as { client_id: string };
      const verifier = randomBytes(32).toString("base64url");
      const url = new URL("/oauth/authorize", origin);
      url.search = new URLSearchParams({
        client_id,
        response_type: "code",
        redirect_uri: client.redirect,
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
        resource: `${origin}/v1/${vendor}`,
        scope,
        state: "s",
      }).toString();
      return {
        url: url.href,
        /** Trades what came back for tokens. */
        token: (code: string) =>
          fetch(`${origin}/oauth/token`, {
            method: "POST",
            body: new URLSearchParams({
              grant_type: "authorization_code",
              client_id,
              code,
              code_verifier: verifier,
              redirect_uri: client.redirect,
              resource: `${origin}/v1/${vendor}`,
            }),
          }),
      };
    },
    async close() {
      await app.close();
      await client.close();
      await vendors.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const originsIn = (env: Record<string, string>): object => JSON.parse(env["DEV_VENDOR_ORIGINS"] ?? "{}");

/** The app's own page, where the browser ends. */
async function listeningClient() {
  const server = createServer((_request, reply) =>
    reply.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>App</title><p>Back in the app."),
  );
  const port = await listen(server);
  return { redirect: `http://127.0.0.1:${port}/callback`, close: () => new Promise((done) => server.close(done)) };
}

const listen = (server: ReturnType<typeof createServer>) =>
  new Promise<number>((done) => server.listen(0, "127.0.0.1", () => done((server.address() as AddressInfo).port)));
