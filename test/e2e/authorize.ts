import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Browser, Page } from "./browser.ts";
import { clientDocument, type Gateway, type Person } from "./gateway.ts";

export interface Authorized {
  clientId: string;
  accessToken: string;
  refreshToken: string;
  scope: string;
  /** Titles of the pages the person saw on the way. */
  pages: string[];
}

export interface Wish {
  /** A vendor, or `*` for the address of all. */
  vendor: string;
  person: Person;
  keys?: Readonly<Record<string, string>>;
  /** At the address of all: the keys of each vendor to connect on the way. */
  connect?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  scopes?: readonly string[];
  register?: "dcr" | "cimd";
  /** Of whoever is a member of several: the one to choose. */
  org?: string;
  /** An own client instead of a new one. */
  clientId?: string;
  /** Path of the connector that was added. */
  path?: string;
  /** Where the vendor signs people in itself: what the person does there, and where the vendor sends them back to. */
  atVendor?(address: URL): Promise<URL>;
}

const REDIRECT = "http://127.0.0.1:39123/callback";

/**
 * The way a client takes, from an address a person typed to a token: challenge, metadata, registration, the pages of
 * the browser, and the exchange of the code.
 */
export async function authorize(gateway: Pick<Gateway, "url">, browser: Browser, wish: Wish): Promise<Authorized> {
  const server = await discover(gateway, wish.path ?? `/v1/${wish.vendor}`);
  const clientId =
    wish.clientId ??
    (wish.register === "cimd" ? clientDocument.client_id : await register(server.registration_endpoint));
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(8).toString("hex");
  const scope = (wish.scopes ?? [`${wish.vendor}:read`]).join(" ");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: REDIRECT,
    state,
    scope,
    resource: server.resource,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const { left, pages } = await goThroughPages(
    browser,
    await browser.get(`${server.authorization_endpoint}?${query}`),
    wish,
  );
  expect(left.origin + left.pathname).toBe(REDIRECT);
  expect(Object.fromEntries(left.searchParams)).toMatchObject({ state, iss: server.issuer });
  const tokens = await token(server.token_endpoint, {
    grant_type: "authorization_code",
    code: left.searchParams.get("code")!,
    redirect_uri: REDIRECT,
    client_id: clientId,
    code_verifier: verifier,
    resource: server.resource,
  });
  expect(tokens.status).toBe(200);
  return {
    clientId,
    accessToken: tokens.body.access_token!,
    refreshToken: tokens.body.refresh_token!,
    scope: tokens.body.scope!,
    pages,
  };
}

interface Server {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  registration_endpoint: string;
  resource: string;
}

async function discover(gateway: Pick<Gateway, "url">, path: string): Promise<Server> {
  const challenge = await fetch(gateway.url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect(challenge.status).toBe(401);
  const address = /resource_metadata="([^"]+)"/.exec(challenge.headers.get("www-authenticate") ?? "")![1]!;
  const metadata = (await (await fetch(address)).json()) as { resource: string; authorization_servers: string[] };
  const server = (await (
    await fetch(`${metadata.authorization_servers[0]}/.well-known/oauth-authorization-server`)
  ).json()) as Server;
  return { ...server, resource: metadata.resource };
}

async function register(endpoint: string): Promise<string> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "Test client",
      redirect_uris: [REDIRECT],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { client_id: string }).client_id;
}

/** Fills in whatever is asked until the browser is sent back to the client. */
async function goThroughPages(browser: Browser, first: Page, wish: Wish) {
  const { person, keys = {}, connect = {}, scopes = [], atVendor } = wish;
  const pages: string[] = [];
  let page = first;
  while (!page.left || (atVendor && !page.left.href.startsWith(REDIRECT))) {
    if (pages.length > 6) throw new Error(`No end of pages: ${pages.join(" → ")}\n${page.html}`);
    if (page.left && atVendor) {
      pages.push("(at the vendor)");
      page = await browser.get((await atVendor(page.left)).href);
      continue;
    }
    pages.push(page.title);
    if (page.html.includes("?vendor")) {
      const chooser = page.url;
      for (const [slug, own] of Object.entries(connect)) {
        const form = await browser.get(`${chooser.pathname}?vendor=${slug}`);
        page = await browser.submit(form, credentials(own));
        expect(page.url.pathname + page.url.search, page.html).toBe(chooser.pathname);
      }
      page = await browser.submit(page, {}, "/connected");
      continue;
    }
    const fields = page.forms.flatMap((form) => form.fields.map(({ name }) => name));
    if (fields.includes("password"))
      page = await browser.submit(page, { email: person.email, password: person.password });
    else if (fields.includes("org")) page = await browser.submit(page, { org: wish.org }, "/context");
    else if (fields.some((name) => name.startsWith("credential.")))
      page = await browser.submit(page, credentials(keys));
    else
      page = await browser.submit(page, fields.includes("scope") ? { scope: optional(page, scopes) } : {}, "/consent");
  }
  return { left: page.left, pages };
}

const credentials = (keys: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(keys).map(([name, value]) => [`credential.${name}`, value]));

const optional = (page: Page, scopes: readonly string[]) =>
  page.forms
    .flatMap(({ fields }) => fields)
    .filter(({ name, value }) => name === "scope" && scopes.includes(value))
    .map(({ value }) => value);

export async function token(endpoint: string, form: Record<string, string>) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
  return {
    status: response.status,
    body: (await response.json()) as Partial<Record<"access_token" | "refresh_token" | "scope" | "error", string>>,
  };
}

export const refresh = (gateway: Pick<Gateway, "url">, { clientId, refreshToken }: Authorized) =>
  token(`${gateway.url}/oauth/token`, {
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    client_id: clientId,
  });
