import { HttpResponse } from "msw";
import { type Check, createFake, type Fake, type Route } from "./fake.ts";
import { routes as served } from "./halopsa-routes.ts";
import { createSignIn, type SignIn, type Tenancy } from "./halopsa-sign-in.ts";
import type { World } from "./world.ts";
import { createHaloWorld, type HaloWorld } from "./world-halopsa.ts";

export interface HaloAccount {
  keys: { host: string; tenant: string; clientId: string; clientSecret: string };
  world: World;
}

export interface HaloFake extends Fake {
  /** By host. */
  states: ReadonlyMap<string, HaloWorld>;
  signIn: SignIn;
  /** Keys of the application through which people sign in themselves; what they type besides. */
  native: { host: string; tenant: string; clientId: string };
  /** As if an hour had passed: the next call with an old token gets 401. */
  expireTokens(): void;
}

/** Where native applications may send people back to: this project's callback, wherever it runs. */
const REDIRECTS = /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/)/;

/** Halo as its description of March 2025 and public clients know it, over a small world per tenant. */
export function createHaloFake(accounts: readonly HaloAccount[], check?: Check): HaloFake {
  const states = new Map(accounts.map(({ keys, world }) => [keys.host, createHaloWorld(world)]));
  const tenancies = accounts.map(
    ({ keys }): Tenancy => ({
      host: keys.host,
      tenant: keys.tenant,
      services: { id: keys.clientId, secret: keys.clientSecret },
      native: { id: nativeId(keys.tenant), redirects: REDIRECTS },
      halo: states.get(keys.host)!,
    }),
  );
  const signIn = createSignIn(tenancies);
  const routes: Record<string, Route> = { ...signIn.routes };
  for (const [name, serve] of Object.entries(served)) {
    routes[name] = (visit) => {
      const bearer = /^Bearer (\S+)$/.exec(visit.request.headers.get("authorization") ?? "")?.[1];
      const holder = bearer ? signIn.tokens.get(bearer) : undefined;
      // 401 comes without a body.
      if (holder?.tenancy.host !== visit.url.host) return new HttpResponse(null, { status: 401 });
      visit.exchange.account = holder.tenancy.halo.world.msp;
      return serve(visit, holder.tenancy.halo, fake, holder.agent);
    };
  }
  const [first] = tenancies as [Tenancy];
  const made = createFake({
    slug: "halopsa",
    origin: `https://${first.host}`,
    hosts: tenancies.map(({ host }) => host),
    base: "/api",
    routes,
    ...(check && { check }),
  });
  const fake: HaloFake = Object.assign(made, {
    states,
    signIn,
    native: { host: first.host, tenant: first.tenant, clientId: first.native.id },
    expireTokens: () => signIn.tokens.clear(),
  });
  return fake;
}

const nativeId = (tenant: string) => `native-${tenant}-0000-4000-a000-000000000001`;
