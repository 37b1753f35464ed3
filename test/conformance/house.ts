import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { buildApp } from "../../gateway/app.ts";
import type { Lock } from "../../gateway/calls/catalog.ts";
import { readConfig } from "../../gateway/config.ts";
import { findPersonalOrg } from "../../gateway/identity/orgs.ts";
import { createUser } from "../../gateway/identity/users.ts";
import { defineCredentials, defineVendor, secretField, type Vendor } from "../../runtime/index.ts";
import { createBrowser } from "../e2e/browser.ts";
import { letChange } from "../gateway/policies.ts";
import { freePort } from "../setup/free-port.ts";
import { conformanceServer } from "./server.ts";

/** The fixtures need a vendor to stand behind; it has no tools of its own and takes any key. */
const conformance = defineVendor({
  slug: "conformance",
  prefix: "conformance",
  title: "Conformance",
  credentials: defineCredentials(z.object({ apiKey: secretField() }), {
    fields: [{ name: "apiKey", title: "API key", secret: true, optional: false }],
    help: "https://conformance.example/keys",
  }),
  limits: { concurrency: 4 },
  origins: () => ["https://conformance.example"],
  connect: () => ({}),
  verify: async () => ({}),
  tools: [],
  schemas: {},
}) as Vendor; // the gateway handles vendors without knowing their client

export type ConformanceHouse = Awaited<ReturnType<typeof openConformanceHouse>>;

interface Furniture {
  /** Vendors beside the fixtures, with the hashes of their tools and what stands in for them. */
  readonly vendors?: readonly Vendor[];
  readonly lock?: Lock;
  readonly origins?: Readonly<Record<string, string>>;
}

/** The whole gateway on loopback, with the suite's fixtures and a person who has an account. */
export async function openConformanceHouse({ vendors = [], lock = {}, origins = {} }: Furniture = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "vendorsmith-conformance-"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const { port } = new URL(url);
  const quiet = { LOG_LEVEL: "silent", AUDIT_LOG_FILE: "off", DEV_VENDOR_ORIGINS: JSON.stringify(origins) };
  const app = await buildApp({
    config: readConfig({ NODE_ENV: "test", DATA_DIR: dataDir, PUBLIC_URL: url, PORT: port, ...quiet }),
    vendors: [conformance, ...vendors],
    lock,
    servers: { conformance: conformanceServer },
  });
  const person = { email: "ann@example.com", password: randomBytes(12).toString("base64url") };
  const { id: actor } = await createUser(app, { ...person, name: "Ann" });
  const { id: org } = (await findPersonalOrg(app.db, actor))!;
  await letChange(app, { org, actor });
  await app.listen({ host: "127.0.0.1", port: Number(port) });
  return {
    url,
    /** Goes through sign-in, keys and consent as a person would, up to the address the browser is sent back to. */
    signIn: (authorizeUrl: string) => throughPages(url, authorizeUrl, person),
    /** A client program that may be sent back to this address. */
    register: (redirect: string) => register(url, redirect),
    /** A token for one vendor, by the whole flow. */
    token: (vendor: string, keys?: Keys) => tokenFor(url, vendor, { ...person, keys }),
    async close() {
      await app.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

type Keys = Readonly<Record<string, string>>;

interface Person {
  readonly email: string;
  readonly password: string;
  readonly keys?: Keys;
}

async function throughPages(origin: string, authorizeUrl: string, person: Person): Promise<URL> {
  const { email, password, keys = { apiKey: "any key" } } = person;
  const credentials = Object.fromEntries(Object.entries(keys).map(([name, key]) => [`credential.${name}`, key]));
  const browser = createBrowser(origin);
  let page = await browser.get(authorizeUrl);
  for (let step = 0; !page.left; step++) {
    if (step > 6 || page.status >= 400) throw new Error(`Stuck on "${page.title}" (${page.status}): ${page.html}`);
    const fields = page.forms.flatMap((form) => form.fields.map(({ name }) => name));
    if (fields.includes("password")) page = await browser.submit(page, { email, password });
    else if (fields.some((name) => name.startsWith("credential."))) page = await browser.submit(page, credentials);
    else
      page = await browser.submit({ ...page, forms: page.forms.filter(({ action }) => action.endsWith("/consent")) });
  }
  return page.left;
}

async function register(origin: string, redirect: string): Promise<string> {
  const answer = await fetch(`${origin}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_name: "Conformance", redirect_uris: [redirect], token_endpoint_auth_method: "none" }),
  });
  return ((await answer.json()) as { client_id: string }).client_id;
}

async function tokenFor(origin: string, vendor: string, person: Person): Promise<string> {
  const redirect = "http://127.0.0.1/callback";
  const client = await register(origin, redirect);
  const verifier = randomBytes(32).toString("base64url");
  const common = { client_id: client, redirect_uri: redirect, resource: `${origin}/v1/${vendor}` };
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const query = { ...common, response_type: "code", code_challenge: challenge, code_challenge_method: "S256" };
  const left = await throughPages(origin, `${origin}/oauth/authorize?${new URLSearchParams(query)}`, person);
  const code = left.searchParams.get("code") ?? "";
  const answer = await fetch(`${origin}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({ ...common, grant_type: "authorization_code", code, code_verifier: verifier }),
  });
  if (!answer.ok) throw new Error(`No token: ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}
