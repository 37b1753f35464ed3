import { randomUUID } from "node:crypto";
import { HttpResponse } from "msw";
import { error } from "./datto-rmm-answers.ts";
import { documented } from "./datto-rmm-routes.ts";
import { type Check, createFake, type Fake, type Route } from "./fake.ts";
import type { World } from "./world.ts";
import { createDattoWorld, type DattoWorld } from "./world-datto-rmm.ts";

const platforms = ["pinotage", "merlot", "concord", "vidal", "zinfandel", "syrah"];
const TOKEN_LIFETIME = 100 * 3600;

export interface DattoAccount {
  keys: { platform: string; apiKey: string; apiSecret: string };
  world: World;
}

export interface DattoFake extends Fake {
  /** By API key. */
  states: ReadonlyMap<string, DattoWorld>;
  /** Bearer tokens handed out and not ended. */
  tokens: Map<string, { apiKey: string; platform: string }>;
  /** As if 100 hours had passed: the next call with an old token gets 401. */
  expireTokens(): void;
}

/** Datto RMM as its document of Build 235 describes it, over a small world per account. */
export function createDattoFake(accounts: readonly DattoAccount[], check?: Check): DattoFake {
  const states = new Map(accounts.map(({ keys, world }) => [keys.apiKey, createDattoWorld(world, keys.platform)]));
  const tokens: DattoFake["tokens"] = new Map();

  const token: Route = ({ request, url, body }) => {
    const form = new URLSearchParams(body);
    const account = accounts.find(
      ({ keys }) =>
        keys.apiKey === form.get("username") &&
        keys.apiSecret === form.get("password") &&
        keys.platform === platformOf(url),
    );
    if (request.headers.get("authorization") !== `Basic ${btoa("public-client:public")}`)
      return HttpResponse.json({ error: "unauthorized" }, { status: 401 });
    if (form.get("grant_type") !== "password")
      return HttpResponse.json({ error: "unsupported_grant_type" }, { status: 400 });
    if (!account)
      return HttpResponse.json(
        { error: "unauthorized", error_description: "The key or the secret is not known here." },
        { status: 401 },
      );
    const access_token = `datto-token-${randomUUID()}`;
    tokens.set(access_token, { apiKey: account.keys.apiKey, platform: account.keys.platform });
    return HttpResponse.json({ access_token, token_type: "bearer", expires_in: TOKEN_LIFETIME, scope: "server" });
  };

  const routes: Record<string, Route> = { "POST //auth/oauth/token": token };
  for (const [name, serve] of Object.entries(documented)) {
    routes[name] = (visit) => {
      const bearer = /^Bearer (\S+)$/.exec(visit.request.headers.get("authorization") ?? "")?.[1];
      const holder = bearer ? tokens.get(bearer) : undefined;
      if (holder?.platform !== platformOf(visit.url)) return error(visit, 401, "Unauthorized");
      const state = states.get(holder.apiKey)!;
      visit.exchange.account = state.world.msp;
      return serve(visit, state, fake);
    };
  }
  const fake: DattoFake = Object.assign(
    createFake({
      slug: "datto-rmm",
      origin: `https://concord-api.centrastage.net`,
      hosts: platforms.map((platform) => `${platform}-api.centrastage.net`),
      base: "/api",
      routes,
      check,
    }),
    { states, tokens, expireTokens: () => tokens.clear() },
  );
  return fake;
}

const platformOf = (url: URL) => url.host.slice(0, url.host.indexOf("-api."));
