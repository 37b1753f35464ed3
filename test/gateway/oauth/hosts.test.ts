import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import { authorizationRequest, Browser, exchange, json, refresh, walk } from "./browser.ts";
import { type House, ISSUER, openHouse } from "./house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** How well-known applications register, and the address at which they wait, where it is another than the registered one. */
const HOSTS: readonly { host: string; body: { redirect_uris: string[]; [name: string]: unknown }; waitsAt?: string }[] =
  [
    {
      host: "Claude in the cloud",
      body: {
        client_name: "Claude",
        redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
        scope: "acme-rmm:read",
      },
    },
    {
      host: "Claude Code",
      body: {
        client_name: "Claude Code",
        redirect_uris: ["http://localhost:54212/callback"],
        token_endpoint_auth_method: "none",
      },
    },
    {
      host: "VS Code, which also asks for a device flow",
      body: {
        client_name: "Visual Studio Code",
        client_uri: "https://code.visualstudio.com",
        grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        response_types: ["code"],
        redirect_uris: [
          "https://insiders.vscode.dev/redirect",
          "https://vscode.dev/redirect",
          "http://127.0.0.1/",
          "http://127.0.0.1:33418/",
        ],
        token_endpoint_auth_method: "none",
        application_type: "native",
      },
      waitsAt: "http://127.0.0.1:51999/",
    },
    {
      host: "Cursor",
      body: {
        client_name: "Cursor",
        redirect_uris: ["cursor://anysphere.cursor-mcp/oauth/callback"],
        token_endpoint_auth_method: "none",
      },
    },
    {
      host: "Codex",
      body: {
        client_name: "Codex",
        redirect_uris: ["http://127.0.0.1:41775/callback"],
        token_endpoint_auth_method: "none",
      },
    },
    {
      host: "ChatGPT",
      body: {
        client_name: "ChatGPT",
        redirect_uris: ["https://chatgpt.com/connector_platform_oauth_redirect"],
        token_endpoint_auth_method: "client_secret_post",
      },
    },
    {
      host: "Copilot Studio",
      body: {
        client_name: "Copilot Studio",
        redirect_uris: ["https://global.consent.azure-apim.net/redirect/acme"],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_post",
      },
    },
  ];

it.each(HOSTS)("$host registers, signs a person in and keeps access", async ({ body, waitsAt }) => {
  const registered = await house.fetch(`${ISSUER}/oauth/register`, json(body));
  const client = (await registered.json()) as { client_id: string; client_secret?: string; redirect_uris: string[] };
  expect([registered.status, client]).toEqual([201, client]);
  const { client_id, client_secret } = client;
  const secret: Record<string, string> = client_secret ? { client_secret } : {};
  const redirect_uri = waitsAt ?? client.redirect_uris[0]!;

  const request = authorizationRequest({ client_id, redirect_uri });
  const { result, prompts } = await walk(new Browser(house), request.url, { person: await house.person() });
  expect(prompts).toEqual(["login", "connect", "consent"]);
  const answer = await exchange(house, result["code"]!, request.verifier, { client_id, redirect_uri, ...secret });
  const tokens = await answer.json();
  expect([answer.status, tokens]).toMatchObject([200, { token_type: "Bearer", scope: "acme-rmm:read" }]);
  expect(await verifyToken(house.app, tokens.access_token)).toBeDefined();

  const renewed = await (await refresh(house, tokens.refresh_token, { client_id, ...secret })).json();
  expect(await verifyToken(house.app, renewed.access_token)).toBeDefined();
});
