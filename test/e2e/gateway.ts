import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { buildApp } from "../../gateway/app.ts";
import { readConfig } from "../../gateway/config.ts";
import { createUser } from "../../gateway/identity/users.ts";
import { freePort } from "../setup/free-port.ts";
import { createBrowser } from "./browser.ts";

export interface Gateway {
  app: FastifyInstance;
  url: string;
  dataDir: string;
  /** Log lines so far. */
  logs: string[];
  /** Creates a person with an own organisation. */
  person(email: string): Promise<Person>;
  close(): Promise<void>;
}

export interface Person {
  id: string;
  email: string;
  password: string;
}

export const PASSWORD = "correct horse battery staple 7";

/** What Claude Code publishes about itself, as far as the authorization server reads it. */
export const clientDocument = {
  client_id: "https://client.example/oauth/metadata.json",
  client_name: "Example Client",
  redirect_uris: ["http://localhost/callback", "http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "none",
};

/** A gateway on loopback whose vendors are fakes: served ones by their origins, or msw's by none. */
export async function startGateway({
  origins,
  env = {},
  dataDir,
}: {
  origins?: Record<string, string>;
  env?: Record<string, string>;
  dataDir?: string;
} = {}): Promise<Gateway> {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), "vendorsmith-e2e-"));
  const port = await freePort();
  const logs: string[] = [];
  const config = readConfig({
    NODE_ENV: "test",
    PORT: String(port),
    DATA_DIR: folder,
    LOG_LEVEL: "trace",
    CACHE_TTL_SECONDS: "0", // so that each call of a test reaches its fake
    ...(origins && { DEV_VENDOR_ORIGINS: JSON.stringify(origins) }),
    ...env,
  });
  const documents = async (url: string | URL | Request) =>
    String(url) === clientDocument.client_id ? Response.json(clientDocument) : new Response(null, { status: 404 });
  const app = await buildApp({
    config,
    documents: documents as typeof fetch,
    log: { write: (line) => void logs.push(line) },
    ...(origins ? {} : { fetch: mockedFetch }),
  });
  await app.listen({ port, host: "127.0.0.1" });
  return {
    app,
    url: config.publicUrl,
    dataDir: folder,
    logs,
    async person(email) {
      const { id } = await createUser(app, { email, name: email.split("@")[0]!, password: PASSWORD });
      return { id, email, password: PASSWORD };
    },
    async close() {
      const closing = app.close();
      app.server.closeAllConnections();
      await closing;
      if (!dataDir) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The global fetch at the time of the call, which msw may have replaced. */
const mockedFetch: typeof fetch = (input, init) => globalThis.fetch(input, init);

export const browserOf = (gateway: Gateway) => createBrowser(gateway.url);
