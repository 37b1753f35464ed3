import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exportStream } from "../../gateway/audit/export.ts";
import { lineOf } from "../../gateway/audit/syslog.ts";
import { chainedOrgs } from "../../gateway/database/audit-events.ts";
import { eachEvent } from "../../gateway/database/audit-search.ts";
import { serveCollector } from "../fakes/collector.ts";
import { demoKeys, type VendorSlug, wrongKeys } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { down, refused } from "../fakes/trouble.ts";
import { letChange } from "../gateway/policies.ts";
import { authorize, refresh, token } from "./authorize.ts";
import type { Browser } from "./browser.ts";
import { cases, idsOf, suites } from "./cases.ts";
import { connectClient } from "./clients.ts";
import { browserOf, type Gateway, type Person, startGateway } from "./gateway.ts";
import { isOffered, toolOf } from "./vendor.ts";

/** Values that must be found nowhere, by what they are; and one that must be found, so that the search is known to work. */
const secrets = new Map<string, string>();
const marker = "control-marker-5d1f";
const results: string[] = [];
let pages = "";
let served: Served;
let collector: Awaited<ReturnType<typeof serveCollector>>;
let gateway: Gateway;

const NEW_PASSWORD = "canary-new-vendor-password-8c2e";

beforeAll(async () => {
  served = await serveFakes({ validate: true });
  collector = await serveCollector();
  gateway = await startGateway({ origins: served.origins, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  await live();
}, 120_000);

afterAll(async () => {
  await gateway?.close();
  await served?.close();
  await collector?.close();
});

const note = (what: string, value: string | undefined | null) => value && secrets.set(what, value);

/** A day of a person: wrong keys, right keys, calls that work and fail, a refresh, replaced keys, a revoked app. */
async function live() {
  const person = await gateway.person("canary@example.com");
  note("password of the person", person.password);
  const { org_id } = await gateway.app.db
    .selectFrom("memberships")
    .select("org_id")
    .where("user_id", "=", person.id)
    .executeTakeFirstOrThrow();
  await letChange(gateway.app, { org: org_id, actor: person.id });
  const browser = browserOf(gateway);

  for (const vendor of ["datto-rmm", "itglue"] as const) {
    const granted = await authorize(gateway, browser, {
      vendor,
      person,
      keys: demoKeys[vendor],
      scopes: [`${vendor}:read`, `${vendor}:write`],
    });
    note(`${vendor} access token`, granted.accessToken);
    note(`${vendor} refresh token`, granted.refreshToken);
    const renewed = await refresh(gateway, granted);
    note(`${vendor} second access token`, renewed.body.access_token);
    note(`${vendor} second refresh token`, renewed.body.refresh_token);

    const client = await connectClient("2026-07-28", `${gateway.url}/v1/${vendor}`, renewed.body.access_token!);
    const call = async (name: string, args: Record<string, unknown>) =>
      results.push(
        JSON.stringify(await client.callTool({ name, arguments: args }).catch((error: unknown) => String(error))),
      );
    if (vendor === "datto-rmm") {
      await call("datto_list_sites", { name: marker });
      await call("datto_list_sites", {});
      served.fakes["datto-rmm"].expireTokens();
      await call("datto_get_site", {
        siteUid: served.fakes["datto-rmm"].states.get(demoKeys["datto-rmm"].apiKey)!.world.sites[0]!.uid,
      });
      served.fakes["datto-rmm"].trouble.next(
        refused(400, { error: `bad request for ${demoKeys["datto-rmm"].apiSecret}` }),
        { match: "GET /v2/account/devices" },
      );
      await call("datto_list_devices", {});
      served.fakes["datto-rmm"].trouble.next(down(500), { match: "POST /auth/oauth/token" });
    } else {
      await call("itglue_save_password", { organizationId: "4001", name: "Canary", password: NEW_PASSWORD });
      await call("itglue_search_passwords", {});
      served.fakes.itglue.trouble.next(
        refused(422, { errors: [{ detail: `no, ${demoKeys.itglue.apiKey} may not` }] }),
        { match: "GET /organizations" },
      );
      await call("itglue_search_organizations", {});
    }
    await client.close();
    await call("not_a_tool", { password: NEW_PASSWORD });
  }
  note("password given to a tool", NEW_PASSWORD);
  await everyVendor(person, browser);
  for (const [value] of served.fakes["datto-rmm"].tokens) note(`vendor token ${value.slice(-4)}`, value);
  for (const { vendor, headers } of served.requests) {
    const sent = /^(?:Bearer|Basic) (.+)$/.exec(headers.get("authorization") ?? "")?.[1];
    // What Datto's help page publishes for everybody is no secret.
    if (sent !== btoa("public-client:public")) note(`${vendor} sign-in ${sent?.slice(-4)}`, sent);
  }

  const wrong = await browser.submit(await browser.get("/connect/datto-rmm"), fields(wrongKeys["datto-rmm"]));
  expect(wrong.status).toBeGreaterThanOrEqual(400);
  await browser.submit(await browser.get("/connect/datto-rmm"), { ...fields(demoKeys["datto-rmm"]), label: marker });
  for (const path of ["/settings", "/settings/vendors", "/", "/not-there"]) await browser.get(path);

  const registered = (await (
    await fetch(`${gateway.url}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_name: "Confidential",
        redirect_uris: ["https://app.example/cb"],
        token_endpoint_auth_method: "client_secret_post",
      }),
    })
  ).json()) as { client_id: string; client_secret: string };
  note("client secret", registered.client_secret);
  await token(`${gateway.url}/oauth/token`, {
    grant_type: "authorization_code",
    code: "wrong-code-canary-77",
    redirect_uri: "https://app.example/cb",
    client_id: registered.client_id,
    client_secret: registered.client_secret,
    code_verifier: "x".repeat(43),
  });
  note("authorization code", "wrong-code-canary-77");
  await fetch(`${gateway.url}/login`, {
    method: "POST",
    headers: { origin: gateway.url, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ email: person.email, password: "canary-wrong-password-1b9" }).toString(),
  });
  note("wrong password of a person", "canary-wrong-password-1b9");
  // The id of an interaction is in its address; what guards it is the signature beside it.
  for (const [name, value] of browser.cookies)
    if (value.length > 20 && name !== "oauth_step") note(`cookie ${name}`, value.split(".")[0]);
  for (const code of browser.seen.flatMap((line) => /[?&]code=([\w-]+)/.exec(line)?.[1] ?? []))
    note(`authorization code ${code.slice(-4)}`, code);
  pages = browser.seen.filter((line) => line.startsWith("<") || line.includes("<html")).join("\n");
  await new Promise((resolve) => setTimeout(resolve, 300));
}

/** Connects every vendor at the address of all, reads whatever can be read, and has each refuse input by repeating its key. */
async function everyVendor(person: Person, browser: Browser) {
  const slugs = Object.keys(suites) as VendorSlug[];
  for (const vendor of slugs)
    for (const { name, secret } of gateway.app.vendors.get(vendor)!.credentials.fields) {
      if (secret) note(`${vendor} ${name}`, (demoKeys[vendor] as Record<string, string>)[name]);
      if (secret) note(`${vendor} wrong ${name}`, (wrongKeys[vendor] as Record<string, string>)[name]);
    }
  for (const slug of slugs)
    if (slug !== "datto-rmm" && slug !== "itglue")
      expect((await browser.submit(await browser.get(`/connect/${slug}`), fields(demoKeys[slug]))).status).toBe(200);
  const scopes = slugs.map((slug) => `${slug}:read`);
  const granted = await authorize(gateway, browser, { vendor: "*", path: "/mcp", person, scopes });
  note("access token for all", granted.accessToken);
  note("refresh token for all", granted.refreshToken);
  const client = await connectClient("2026-07-28", `${gateway.url}/mcp`, granted.accessToken);
  const ids = idsOf(served.fakes);
  for (const { tool, args } of cases) {
    const { access } = toolOf(tool);
    if (access !== "read" || !isOffered(toolOf(tool))) continue;
    const answer = await client.callTool({ name: tool, arguments: args(ids) });
    results.push(JSON.stringify(answer));
  }
  for (const vendor of slugs) {
    const { tool, args, path, refusal } = suites[vendor].failing;
    const keys = gateway.app.vendors.get(vendor)!.credentials.fields.filter(({ secret }) => secret);
    const said = keys.map(({ name }) => (demoKeys[vendor] as Record<string, string>)[name]).join(" and ");
    served.fakes[vendor].trouble.next(refusal(400, `You sent ${said}, which is wrong.`), { match: path });
    const answer = await client.callTool({ name: tool, arguments: args });
    expect(answer.isError, tool).toBe(true);
    results.push(JSON.stringify(answer));
    const form = await browser.get(`/connect/${vendor}`);
    expect((await browser.submit(form, fields(wrongKeys[vendor]))).status, vendor).toBeGreaterThanOrEqual(400);
  }
  await client.close();
}

const fields = (keys: Record<string, string>) =>
  Object.fromEntries(Object.entries(keys).map(([name, value]) => [`credential.${name}`, value]));

/** As it is, and as it would look in an address, in base64 or in hex. */
const spellings = (value: string) => {
  const bytes = Buffer.from(value);
  return [
    value,
    encodeURIComponent(value),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
  ];
};

const found = (text: string) =>
  [...secrets]
    .filter(([, value]) => spellings(value).some((spelling) => text.includes(spelling)))
    .map(([what]) => what);

it("knows what to look for", () => {
  expect(secrets.size).toBeGreaterThan(40);
  for (const vendor of Object.keys(suites))
    expect([...secrets.keys()].filter((what) => what.startsWith(vendor)).length, vendor).toBeGreaterThan(1);
  for (const [what, value] of secrets) expect(value.length, what).toBeGreaterThan(9);
});

it("leaves no secret in the log (VLT-04, MET-04)", () => {
  const log = gateway.logs.join("\n");
  expect(log.length).toBeGreaterThan(2_000);
  for (const vendor of Object.keys(suites)) expect(log).toContain(vendor);
  expect(found(log)).toEqual([]);
});

it("leaves no secret in the database or any other file but the key files (VLT-04, MET-04, OAU-23)", () => {
  const files = readdirSync(gateway.dataDir, { recursive: true })
    .map((name) => join(gateway.dataDir, String(name)))
    .filter((path) => statSync(path).isFile());
  const bytes = files.map((path) => readFileSync(path, "latin1")).join("\n");
  expect(files.length).toBeGreaterThan(1);
  expect(bytes).toContain(marker);
  expect(found(bytes)).toEqual([]);
});

it("leaves no secret in results and errors of tools (VLT-04, MET-04)", () => {
  const said = results.join("\n");
  expect(said).toContain("VENDOR_REJECTED");
  expect(said).toContain("Contoso Dental - Seattle");
  expect(said.match(/which is wrong/g)!.length).toBeGreaterThan(5);
  expect(found(said)).toEqual([]);
});

it("leaves no secret on a page (VLT-04, MET-04)", () => {
  expect(pages).toContain(marker);
  expect(found(pages)).toEqual([]);
});

it("leaves no secret in exports of the audit trail, nor in what collectors get (VLT-04, MET-04, AUD-11)", async () => {
  const { db } = gateway.app;
  let text = "";
  for (const org of await chainedOrgs(db)) {
    for (const format of ["jsonl", "csv", "ocsf"] as const)
      text += (await exportStream(eachEvent(db, org, {}), format).toArray()).join("");
    for await (const rows of eachEvent(db, org, {})) text += rows.map((row) => lineOf(row).toString()).join("\n");
  }
  expect(text).toContain("credential.open");
  expect(text).toContain("VENDOR_REJECTED");
  expect(found(text)).toEqual([]);
});

it("leaves no secret in metrics, and names nobody there (MET-04)", async () => {
  const figures = await gateway.app.metrics.text();
  for (const vendor of Object.keys(suites)) expect(figures).toContain(`vendor="${vendor}"`);
  expect(found(figures)).toEqual([]);
  expect(figures).not.toContain(marker);
  expect(figures).not.toMatch(/"[^"]*\b(org|usr|con|grt|call|apr)_[0-9a-z]{6,}/i);
});

it("leaves no secret in traces, and names nobody there (MET-04)", async () => {
  await gateway.close(); // what is left is sent now
  const traces = collector.text();
  for (const vendor of Object.keys(suites)) expect(traces).toContain(`"${vendor}"`);
  expect(found(traces)).toEqual([]);
  expect(traces).not.toContain(marker);
  expect(traces).not.toMatch(/\b(org|usr|con|grt|call|apr)_[0-9a-z]{6,}/i);
});
