import { createHash, randomUUID } from "node:crypto";
import { HttpResponse } from "msw";
import type { Exchange, Route } from "./fake.ts";
import type { HaloWorld } from "./world-halopsa.ts";

/** An application that somebody made in Halo's configuration. */
interface Application {
  id: string;
  /** Of services alone; native applications are public clients. */
  secret?: string;
  /** Where a native application may send people back to. */
  redirects?: RegExp;
}

export interface Tenancy {
  host: string;
  tenant: string;
  services: Application & { secret: string };
  native: Application & { redirects: RegExp };
  halo: HaloWorld;
}

interface Code {
  tenancy: Tenancy;
  clientId: string;
  redirect: string;
  challenge: string;
  scope: string;
  agent: number;
  usedFor?: string;
}

interface Refresh {
  tenancy: Tenancy;
  clientId: string;
  scope: string;
  agent: number;
  /** All tokens that came of one sign-in. */
  family: string;
}

export interface SignIn {
  routes: Record<string, Route>;
  /** Access tokens that are good, with who they act for. */
  tokens: Map<string, { tenancy: Tenancy; agent: number; family: string }>;
  /** Refresh tokens that are good: each once. */
  refreshTokens: Map<string, Refresh>;
  /** Says no to a grant as an administrator would who takes the application away. */
  revokeAll(): void;
  /** How long access tokens are said to be good. */
  lifetimeSeconds: number;
}

const API_AGENT = 9;

/** The authorisation server at `/auth`: codes with PKCE for people, refresh tokens that rotate, and client credentials. */
export function createSignIn(tenancies: readonly Tenancy[]): SignIn {
  const codes = new Map<string, Code>();
  const signIn: SignIn = {
    tokens: new Map(),
    refreshTokens: new Map(),
    lifetimeSeconds: 3600,
    revokeAll() {
      signIn.tokens.clear();
      signIn.refreshTokens.clear();
    },
    routes: { "GET //auth/authorize": authorize, "POST //auth/authorize": enter, "POST //auth/token": token },
  };
  return signIn;

  function issue(grant: Omit<Refresh, "family">, family: string, offline: boolean) {
    const access_token = `halo-token-${randomUUID()}`;
    signIn.tokens.set(access_token, { tenancy: grant.tenancy, agent: grant.agent, family });
    const refresh_token = offline ? `halo-refresh-${randomUUID()}` : undefined;
    if (refresh_token) signIn.refreshTokens.set(refresh_token, { ...grant, family });
    return HttpResponse.json({
      scope: grant.scope,
      token_type: "Bearer",
      access_token,
      expires_in: signIn.lifetimeSeconds,
      ...(refresh_token && { refresh_token }),
    });
  }

  /** What is wrong with a request to sign in; nothing of it goes back to an address that is not the application's. */
  function request(url: URL) {
    const query = url.searchParams;
    const tenancy = tenancies.find(({ host, tenant }) => host === url.host && tenant === query.get("tenant"));
    if (!tenancy) return { problem: "The tenant is not known here." };
    const redirect = query.get("redirect_uri") ?? "";
    if (query.get("client_id") !== tenancy.native.id) return { problem: "The application is not known here." };
    if (!tenancy.native.redirects.test(redirect))
      return { problem: "The redirect address is not one of the application." };
    if (query.get("response_type") !== "code") return { problem: "Only codes are given." };
    if (query.get("code_challenge_method") !== "S256" || !/^[\w-]{43}$/.test(query.get("code_challenge") ?? ""))
      return { problem: "A native application needs PKCE with S256." };
    return { tenancy, redirect, query };
  }

  function authorize({ url }: Parameters<Route>[0]) {
    const asked = request(url);
    if (!asked.tenancy) return HttpResponse.html(`<h1>Error</h1><p>${asked.problem}</p>`, { status: 400 });
    const action = `/auth/authorize${url.search}`.replaceAll("&", "&amp;");
    return HttpResponse.html(
      `<h1>Sign in to Halo</h1><p>Simulated. The user name and password are those that npm run demo prints.</p><form method="post" action="${action}"><p><label>User name <input name="username" value=""></label></p><p><label>Password <input name="password" type="password" value=""></label></p><p><label><input name="deny" type="checkbox" value="on"> Do not allow access</label></p><button>Sign in</button></form>`,
    );
  }

  function enter({ url, body }: Parameters<Route>[0]) {
    const asked = request(url);
    if (!asked.tenancy) return HttpResponse.html(`<h1>Error</h1><p>${asked.problem}</p>`, { status: 400 });
    const { tenancy, redirect, query } = asked;
    const form = new URLSearchParams(body);
    const back = new URL(redirect);
    if (query.has("state")) back.searchParams.set("state", query.get("state")!);
    const agent = tenancy.halo.agents.find(
      ({ login, password }) => login !== "" && login === form.get("username") && password === form.get("password"),
    );
    if (form.has("deny")) back.searchParams.set("error", "access_denied");
    else if (!agent) return HttpResponse.html("<h1>Sign in to Halo</h1><p>Wrong user name or password.</p>");
    else {
      const code = `halo-code-${randomUUID()}`;
      codes.set(code, {
        tenancy,
        clientId: query.get("client_id")!,
        redirect,
        challenge: query.get("code_challenge")!,
        scope: query.get("scope") ?? "",
        agent: agent.id,
      });
      back.searchParams.set("code", code);
    }
    return new HttpResponse(null, { status: 302, headers: { location: back.href } });
  }

  function token({ url, body }: Parameters<Route>[0]) {
    const form = new URLSearchParams(body);
    const tenant = url.searchParams.get("tenant") ?? form.get("tenant");
    const tenancy = tenancies.find((each) => each.host === url.host && each.tenant === tenant);
    if (!tenancy) return failed("invalid_request", "The tenant is missing or not known.");
    switch (form.get("grant_type")) {
      case "client_credentials": {
        const { id, secret } = tenancy.services;
        if (form.get("client_id") !== id || form.get("client_secret") !== secret)
          return failed("invalid_client", "The client ID or the secret is not valid.", 401);
        return issue({ tenancy, clientId: id, scope: form.get("scope") ?? "", agent: API_AGENT }, randomUUID(), false);
      }
      case "authorization_code":
        return exchangeCode(tenancy, form);
      case "refresh_token":
        return renew(tenancy, form);
      default:
        return failed("unsupported_grant_type", "This grant is not offered.");
    }
  }

  function exchangeCode(tenancy: Tenancy, form: URLSearchParams) {
    const code = codes.get(form.get("code") ?? "");
    const verifier = form.get("code_verifier") ?? "";
    if (!code || code.tenancy !== tenancy || code.clientId !== form.get("client_id"))
      return failed("invalid_grant", "The code is not valid.");
    if (code.usedFor) {
      // Used twice: whatever came of it ends.
      endFamily(code.usedFor);
      return failed("invalid_grant", "The code was used already.");
    }
    if (code.redirect !== form.get("redirect_uri")) return failed("invalid_grant", "The redirect address differs.");
    if (createHash("sha256").update(verifier).digest("base64url") !== code.challenge)
      return failed("invalid_grant", "The code verifier does not match.");
    code.usedFor = randomUUID();
    const { clientId, scope, agent } = code;
    return issue({ tenancy, clientId, scope, agent }, code.usedFor, scope.split(" ").includes("offline_access"));
  }

  function renew(tenancy: Tenancy, form: URLSearchParams) {
    const text = form.get("refresh_token") ?? "";
    const refresh = signIn.refreshTokens.get(text);
    if (!refresh || refresh.tenancy !== tenancy || refresh.clientId !== form.get("client_id"))
      return failed("invalid_grant", "The refresh token is not valid.");
    signIn.refreshTokens.delete(text);
    return issue(refresh, refresh.family, true);
  }

  function endFamily(family: string) {
    for (const [text, each] of signIn.tokens) if (each.family === family) signIn.tokens.delete(text);
    for (const [text, each] of signIn.refreshTokens) if (each.family === family) signIn.refreshTokens.delete(text);
  }
}

const failed = (error: string, error_description: string, status = 400) =>
  HttpResponse.json({ error, error_description }, { status });

const FIELDS: Record<string, string> = {
  client_credentials: "client_id,client_secret,grant_type,scope",
  authorization_code: "client_id,code,code_verifier,grant_type,redirect_uri",
  refresh_token: "client_id,grant_type,refresh_token",
};

/** Signing in stands outside the document; this is what Halo's help says of it. */
export function checkSignIn({ method, template, headers, body, url }: Exchange): string[] {
  const query = [...url.searchParams.keys()].sort().join();
  if (template !== "/auth/token") return [];
  const form = new URLSearchParams(body);
  const fields = [...form.keys()]
    .filter((name) => name !== "scope" || form.get("grant_type") === "client_credentials")
    .sort();
  return [
    method === "POST" ? "" : "not a POST",
    query === "tenant" ? "" : `parameters in the address: ${query}`,
    headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") ? "" : "not a form",
    fields.join() === FIELDS[form.get("grant_type") ?? ""] ? "" : `fields ${fields.join()}`,
  ].filter((problem) => problem !== "");
}
