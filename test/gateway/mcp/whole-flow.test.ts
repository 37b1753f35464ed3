import { Client, type OAuthClientProvider, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Browser, createBrowser } from "../../e2e/browser.ts";
import { freePort } from "../../setup/free-port.ts";
import { PASSWORD } from "../support.ts";
import { gate, toolCallsOf } from "./gate.ts";

const CALLBACK = "http://127.0.0.1:49321/callback";

/** What an application keeps of a sign-in. The person's part is played by a browser that fills in whatever is asked. */
function application(browser: Browser, answers: Record<string, string>, allow: (scope: string) => boolean) {
  const kept = new Map<string, unknown>();
  const titles: string[] = [];
  let callback: URL | undefined;
  const provider = {
    redirectUrl: CALLBACK,
    clientMetadata: { client_name: "An app", redirect_uris: [CALLBACK], token_endpoint_auth_method: "none" },
    clientInformation: () => kept.get("client"),
    saveClientInformation: (client: unknown) => void kept.set("client", client),
    tokens: () => kept.get("tokens"),
    saveTokens: (tokens: unknown) => void kept.set("tokens", tokens),
    saveCodeVerifier: (verifier: string) => void kept.set("verifier", verifier),
    codeVerifier: () => kept.get("verifier"),
    saveDiscoveryState: (state: unknown) => void kept.set("discovery", state),
    discoveryState: () => kept.get("discovery"),
    async redirectToAuthorization(url: URL) {
      let page = await browser.get(url.href);
      while (!page.left) {
        titles.push(page.title);
        const form = page.forms.find(({ action }) => /\/(login|connect|consent)$/.test(action));
        if (!form || titles.length > 8) throw new Error(`Stuck on ${page.title}: ${page.html}`);
        const asked = form.fields.filter(({ name }) => name in answers).map(({ name }) => [name, answers[name]!]);
        const scopes = form.fields
          .filter(({ name, value }) => name === "scope" && allow(value))
          .map(({ value }) => value);
        const values = { ...Object.fromEntries(asked), ...(scopes.length > 0 && { scope: scopes }) };
        page = await browser.submit({ ...page, forms: [form] }, values);
      }
      callback = page.left;
    },
  };
  return {
    provider: provider as unknown as OAuthClientProvider, // the two SDKs type the same object differently
    titles,
    scopes: () => (kept.get("tokens") as { scope: string }).scope.split(" ").sort(),
    callback: () => callback!.searchParams,
  };
}

async function setting() {
  const port = await freePort();
  const room = await gate({ port, env: { PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` } });
  const ann = await room.someone("ann@example.com");
  const answers = { email: "ann@example.com", password: PASSWORD, "credential.apiKey": "Ann's own key" };
  return { ...room, ann, app: room.app, person: application(createBrowser(room.origin), answers, () => true) };
}

/** Connects, lets the person do their part when the gateway asks for it, and connects again. */
async function connect(url: string, person: ReturnType<typeof application>, mode: "legacy" | { pin: string }) {
  const transport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider: person.provider });
  const first = transport();
  const client = () => new Client({ name: "An app", version: "1.0.0" }, { versionNegotiation: { mode } });
  await expect(client().connect(first)).rejects.toThrow();
  await first.finishAuth(person.callback());
  const connected = client();
  const last = transport();
  await connected.connect(last);
  onTestFinished(() => connected.close());
  return { client: connected, finish: () => last.finishAuth(person.callback()) };
}

describe.each([["2026-07-28", { pin: "2026-07-28" }] as const, ["2025-11-25", "legacy"] as const])(
  "an application that knows only the URL, %s",
  (_revision, mode) => {
    it("gets to its first answer by what the person does in the browser (MCP-12, MCP-03)", async () => {
      const { app, person, worlds } = await setting();
      const { client } = await connect(`${app.config.publicUrl}/v1/acme`, person, mode);
      const result = await client.callTool({ name: "acme_list_things", arguments: { limit: 1 } });
      expect(result.structuredContent).toMatchObject({ things: [{ id: "t1" }] });
      expect(worlds.acme.keysUsed).toContain("Ann's own key");
      expect(person.titles).toHaveLength(3);
    });

    it("steps up when it first changes something: one more consent, then the call runs (OAU-17)", async () => {
      const { app, ann, person, worlds } = await setting();
      await ann.writes(true);
      const { client, finish } = await connect(`${app.config.publicUrl}/acme/mcp`, person, mode);
      expect(person.scopes()).toEqual(["acme:read"]);
      const rename = () => client.callTool({ name: "acme_rename_thing", arguments: { id: "t1", name: "New" } });

      await expect(rename()).rejects.toThrow();
      expect(worlds.acme.renamed).toEqual([]);
      await finish();
      expect(person.scopes()).toEqual(["acme:read", "acme:write"]);
      expect((await rename()).structuredContent).toEqual({ name: "New" });
      expect(worlds.acme.renamed).toEqual(["t1"]);
      const rows = await toolCallsOf(app, ann.org);
      expect(rows.map(({ status, rule }) => [status, rule])).toEqual([
        ["denied", "scope-missing"],
        ["started", "allowed"],
        ["success", "allowed"],
      ]);
    });
  },
);

describe("an application with the first SDK", () => {
  it("signs in and calls as well (MCP-04)", async () => {
    const { app, person } = await setting();
    const url = new URL(`${app.config.publicUrl}/v1/acme`);
    const transport = () => new OldTransport(url, { authProvider: person.provider as never });
    const first = transport();
    await expect(new OldClient({ name: "An app", version: "1.0.0" }).connect(first)).rejects.toThrow();
    await first.finishAuth(person.callback().get("code")!);
    const client = new OldClient({ name: "An app", version: "1.0.0" });
    await client.connect(transport());
    onTestFinished(() => client.close());
    const result = await client.callTool({ name: "acme_list_things", arguments: { limit: 1 } });
    expect(result.structuredContent).toMatchObject({ things: [{ id: "t1" }] });
  });
});
