import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { findChromium, launch } from "../test/browser/chromium.ts";
import { type Demo, startDemo } from "../test/fakes/demo.ts";
import { freePort } from "../test/setup/free-port.ts";

/** `npm run screenshots`: pictures of the real pages for the README, from the demo. */
const FOLDER = "docs/images";
/** One shape for all, so that they stand side by side; the settings page has more to show and is drawn smaller. */
const CARD = { width: 760, height: 1130 };
const WIDE = { width: 960, height: 1427 };

/** Two are enough to see how it looks. */
const SHOWN = ["datto-rmm", "itglue"];

const executable = findChromium();
if (!executable) process.exit(1);

const app = createServer((_request, reply) => reply.end("Back in the app."));
await new Promise<void>((done) => app.listen(0, "127.0.0.1", done));
const demo = await startDemo({ port: await freePort(), logLevel: "error" });
const browser = await launch(executable);
try {
  const context = await browser.newContext({ viewport: CARD, deviceScaleFactor: 1.5, colorScheme: "light" });
  await takePictures(await context.newPage(), demo);
} finally {
  await browser.close();
  await demo.close();
  app.close();
}

async function takePictures(page: Page, { url, owner, connectors }: Demo) {
  await page.goto(`${url}/login`);
  await fill(page, { "E-mail": owner.email, Password: owner.password });
  await press(page, "Sign in");

  const shown = connectors.filter(({ slug }) => SHOWN.includes(slug));
  for (const [place, connector] of shown.entries()) {
    const client = await register(url);
    await page.goto(authorizeUrl(url, connector.slug, client));
    for (const { title, value } of connector.keys) {
      const input = page.getByLabel(title, { exact: true });
      const choices = await input.evaluate((element) => element.tagName === "SELECT");
      if (choices) await input.selectOption(value);
      else await input.fill(value);
    }
    if (place === 0) await picture(page, "connect");
    await page.getByRole("button", { name: /^(Test and connect|Continue to)/ }).click();
    if (place === 0) await picture(page, "consent");
    await press(page, "Allow");
    const authorization = await tokenFor(url, client, new URL(page.url()).searchParams.get("code")!);
    await useTools(url, connector.slug, authorization);
    if (place === 0) await askForAYes(page, url, connector.slug, authorization);
  }
  const wide = await page
    .context()
    .browser()!
    .newContext({ viewport: WIDE, deviceScaleFactor: 1.2, storageState: await page.context().storageState() });
  const settings = await wide.newPage();
  for (const [name, path] of Object.entries({
    settings: "/settings",
    policy: "/admin/policy",
    audit: "/admin/audit",
  })) {
    await settings.goto(url + path);
    await picture(settings, name);
  }
}

async function picture(page: Page, name: string) {
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const path = `${FOLDER}/${name}.png`;
  const bytes = await page.screenshot({ path, scale: "device" });
  console.log(`${path}  ${Math.round(bytes.length / 1024)} KB`);
}

async function press(page: Page, name: string) {
  await page.getByRole("button", { name, exact: true }).click();
}

async function fill(page: Page, fields: Record<string, string>) {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

interface Client {
  id: string;
  verifier: string;
}

function redirectUri() {
  return `http://127.0.0.1:${(app.address() as AddressInfo).port}/callback`;
}

/** An app that registers itself, as assistants do. */
async function register(url: string): Promise<Client> {
  const answer = await fetch(`${url}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "Example Assistant",
      redirect_uris: [redirectUri()],
      token_endpoint_auth_method: "none",
    }),
  });
  const { client_id: id } = (await answer.json()) as { client_id: string };
  return { id, verifier: randomBytes(32).toString("base64url") };
}

function authorizeUrl(url: string, vendor: string, { id, verifier }: Client) {
  const query = new URLSearchParams({
    client_id: id,
    response_type: "code",
    redirect_uri: redirectUri(),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    resource: `${url}/v1/${vendor}`,
    scope: `${vendor}:read ${vendor}:write`,
    state: "demo",
  });
  return `${url}/oauth/authorize?${query}`;
}

/** A change that waits for a person, as the page shows it on which they decide. */
async function askForAYes(page: Page, url: string, vendor: string, authorization: string) {
  await page.goto(`${url}/settings`);
  await page.getByRole("button", { name: /^Switch on tools that change things/ }).click();
  const { alerts } = await call(url, vendor, authorization, "datto_list_alerts", {});
  const [alert] = alerts as { uid: string }[];
  const waiting = await call(url, vendor, authorization, "datto_resolve_alert", { alertUid: alert!.uid });
  await page.goto(String(waiting["url"]));
  await picture(page, "approval");
}

async function tokenFor(url: string, { id, verifier }: Client, code: string): Promise<string> {
  const form = {
    grant_type: "authorization_code",
    client_id: id,
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri(),
  };
  const answer = await fetch(`${url}/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
  const { access_token } = (await answer.json()) as { access_token: string };
  return `Bearer ${access_token}`;
}

/** A few calls, so that the pages have something to count. */
async function useTools(url: string, vendor: string, authorization: string) {
  const list = await fetch(`${url}/v1/${vendor}/tools/list`, { headers: { authorization } });
  const { tools } = (await list.json()) as { tools: { name: string; inputSchema: { required?: string[] } }[] };
  for (const { name } of tools.filter(
    ({ name, inputSchema }) => /_list_/.test(name) && !inputSchema.required?.length,
  )) {
    await call(url, vendor, authorization, name, {});
  }
}

async function call(
  url: string,
  vendor: string,
  authorization: string,
  name: string,
  args: object,
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/v1/${vendor}`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
  const text = await answer.text();
  const json = text.startsWith("{")
    ? text
    : text
        .split("\n")
        .find((one) => one.startsWith("data: "))!
        .slice(6);
  const { result } = JSON.parse(json) as { result?: { structuredContent?: Record<string, unknown> } };
  return result?.structuredContent ?? {};
}
