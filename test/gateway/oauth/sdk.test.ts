import { auth as authModern, type OAuthClientProvider } from "@modelcontextprotocol/client";
import {
  auth as authLegacy,
  type OAuthClientProvider as LegacyProvider,
} from "@modelcontextprotocol/sdk/client/auth.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import { Browser, walk } from "./browser.ts";
import { CIMD_CLIENT, type House, ISSUER, openHouse, type Person, RMM } from "./house.ts";

let house: House;
let person: Person;
beforeAll(async () => {
  house = await openHouse();
  person = await house.person();
  await person.connect("acme-rmm");
});
afterAll(() => house.close());

interface Kept {
  client?: unknown;
  discovery?: unknown;
  tokens?: { access_token: string; refresh_token?: string; scope?: string };
  verifier?: string;
  sent?: URL;
}

/** A program's own store; what it is asked to open in a browser is kept. */
function programOf(kept: Kept, clientMetadataUrl?: string) {
  const keep = (name: keyof Kept) => (value: unknown) => void Object.assign(kept, { [name]: value });
  return {
    redirectUrl: "http://localhost:49200/callback",
    clientMetadataUrl,
    clientMetadata: {
      client_name: "Some assistant",
      redirect_uris: ["http://localhost:49200/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    state: () => "state-1",
    clientInformation: () => kept.client,
    saveClientInformation: keep("client"),
    tokens: () => kept.tokens,
    saveTokens: keep("tokens"),
    redirectToAuthorization: keep("sent"),
    saveCodeVerifier: keep("verifier"),
    codeVerifier: () => kept.verifier ?? "",
    discoveryState: () => kept.discovery,
    saveDiscoveryState: keep("discovery"),
  } as unknown as OAuthClientProvider & LegacyProvider;
}

type Start = (provider: OAuthClientProvider & LegacyProvider, options: Record<string, unknown>) => Promise<string>;

describe.each([
  ["of 2026", authModern as unknown as Start],
  ["of 2025", authLegacy as unknown as Start],
])("the MCP client library %s", (_year, auth) => {
  it.each([
    ["registers itself", RMM, undefined],
    ["shows its document", RMM, CIMD_CLIENT.id],
    ["is given the other address", `${ISSUER}/acme-rmm/mcp`, CIMD_CLIENT.id],
  ])(
    "%s, signs in, refreshes, and steps up when told the scopes (OAU-03, OAU-05, OAU-17)",
    async (_case, serverUrl, document) => {
      const kept: Kept = {};
      const program = programOf(kept, document);
      const fetchFn = (url: string | URL, init?: RequestInit) => house.fetch(url, init);
      const signIn = async (scope?: string) => {
        expect(await auth(program, { serverUrl, fetchFn, scope })).toBe("REDIRECT");
        const { result } = await walk(new Browser(house), kept.sent!.href, { person });
        const more = { authorizationCode: result.code, iss: result.iss };
        expect(await auth(program, { serverUrl, fetchFn, scope, ...more })).toBe("AUTHORIZED");
      };
      await signIn(`acme-rmm:read`);
      const first = kept.tokens!;
      expect(await verifyToken(house.app, first.access_token)).toMatchObject({ audience: RMM, userId: person.id });
      expect(await auth(program, { serverUrl, fetchFn })).toBe("AUTHORIZED");
      expect(kept.tokens!.access_token).not.toBe(first.access_token);
      kept.tokens = undefined;
      await signIn("acme-rmm:read acme-rmm:write");
      expect(kept.tokens!).toMatchObject({ scope: "acme-rmm:read acme-rmm:write" });
    },
  );
});
