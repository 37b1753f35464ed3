import { randomUUID } from "node:crypto";
import { HttpResponse } from "msw";
import { refuse } from "./connectwise-automate-answers.ts";
import { documented } from "./connectwise-automate-routes.ts";
import { type Check, createFake, type Exchange, type Fake, type Route } from "./fake.ts";
import type { OpenApi } from "./validate.ts";
import type { World } from "./world.ts";
import { type AutomateWorld, createAutomateWorld } from "./world-connectwise-automate.ts";

export interface AutomateAccount {
  keys: { serverUrl: string; username: string; password: string; clientId: string };
  world: World;
}

export interface AutomateFake extends Fake {
  /** By server. */
  states: ReadonlyMap<string, AutomateWorld>;
  /** Bearer tokens handed out and not ended, with the server they are for. */
  tokens: Map<string, string>;
  /** For how many seconds new tokens are said to be good. */
  lifetime: number;
  /** As if their time were over: the next call with an old token gets 401. */
  expireTokens(): void;
}

/** ConnectWise Automate as its description and the clients in use show it: every customer has a server of their own. */
export function createAutomateFake(accounts: readonly AutomateAccount[], check?: Check): AutomateFake {
  const states = new Map(accounts.map(({ keys, world }) => [keys.serverUrl, createAutomateWorld(world)]));
  const tokens: AutomateFake["tokens"] = new Map();
  const accountAt = (url: URL) => accounts.find(({ keys }) => keys.serverUrl === url.host)!;

  const signIn: Route = ({ request, url, body }) => {
    const { keys } = accountAt(url);
    const { Username, Password } = JSON.parse(body) as Record<string, unknown>;
    if (request.headers.get("clientId") !== keys.clientId) return refuse(403, "The client id is not valid.");
    if (Username !== keys.username || Password !== keys.password)
      return refuse(401, "The user name or the password is not correct.");
    const twoFactor = states.get(keys.serverUrl)!.twoFactor;
    const AccessToken = twoFactor ? null : `automate-token-${randomUUID()}`;
    if (AccessToken) tokens.set(AccessToken, keys.serverUrl);
    const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString().replace("Z", "4567Z");
    return HttpResponse.json({
      AccessToken,
      TokenType: "Bearer",
      ExpirationDate: at(fake.lifetime),
      AbsoluteExpirationDate: at(7 * 86_400),
      UserId: "12",
      InternalUserName: keys.username,
      IsTwoFactorRequired: twoFactor,
      IsInternalTwoFactorRequired: twoFactor,
      SSOAccessToken: null,
    });
  };

  const routes: Record<string, Route> = { "POST //cwa/api/v1/APIToken": signIn };
  for (const [name, serve] of Object.entries(documented)) {
    routes[name] = (visit) => {
      const { keys, world } = accountAt(visit.url);
      const bearer = /^Bearer (\S+)$/.exec(visit.request.headers.get("authorization") ?? "")?.[1];
      if (!bearer || tokens.get(bearer) !== keys.serverUrl)
        return refuse(401, "Authorization has been denied for this request.");
      if (visit.request.headers.get("clientId") !== keys.clientId) return refuse(403, "The client id is not valid.");
      visit.exchange.account = world.msp;
      return serve(visit, states.get(keys.serverUrl)!);
    };
  }
  const fake: AutomateFake = Object.assign(
    createFake({
      slug: "connectwise-automate",
      origin: `https://${accounts[0]!.keys.serverUrl}`,
      hosts: accounts.map(({ keys }) => keys.serverUrl),
      base: "/cwa",
      routes,
      check,
    }),
    { states, tokens, lifetime: 7200, expireTokens: () => tokens.clear() },
  );
  return fake;
}

/** Signing in: JSON in the words of the description, with the client id beside it and nothing in the address. */
export function checkSignIn({ method, headers, body, url }: Exchange): string[] {
  const fields = Object.keys(JSON.parse(body || "{}") as object)
    .sort()
    .join();
  return [
    method === "POST" ? "" : "not a POST",
    url.search === "" ? "" : "parameters in the address",
    headers.get("content-type")?.startsWith("application/json") ? "" : "not JSON",
    headers.has("clientid") ? "" : "no client id",
    headers.has("authorization") ? "a token before there is one" : "",
    fields === "Password,Username" ? "" : `fields ${fields}`,
  ].filter((problem) => problem !== "");
}

/** The published document with the query names that the server takes, its shared bodies written out, and one read more. */
export function readAutomate(text: string): OpenApi {
  const short = text.replaceAll('"options.orderBy.name"', '"orderBy"').replaceAll(/"options\.(\w+)"/g, '"$1"');
  const document = JSON.parse(short) as OpenApi & { components: { requestBodies: Record<string, object> } };
  for (const operation of Object.values(document.paths).flatMap((item) => Object.values(item))) {
    const reference = (operation.requestBody as { $ref?: string } | undefined)?.$ref;
    const shared = reference && document.components.requestBodies[reference.split("/").at(-1)!];
    if (shared) operation.requestBody = shared;
  }
  const { get } = document.paths["/api/v1/Computers/{computerId}/OperatingSystem"]!;
  const computer = { $ref: "#/components/schemas/LabTech.Models.Computer" };
  const responses = { "200": { description: "OK", content: { "application/json": { schema: computer } } } };
  // Known from public clients only.
  document.paths["/api/v1/Computers/{computerId}"] = { get: { ...get!, responses } };
  return document;
}
