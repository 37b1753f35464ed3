import { createHash, randomBytes } from "node:crypto";
import type { Pending } from "../../../gateway/oauth/interactions.ts";
import { CIMD_CLIENT, type House, ISSUER, type Person, RMM } from "./house.ts";

let browsers = 0;

/** A browser: cookies by path, no scripts, and redirects only where it is told to follow them. */
export class Browser {
  readonly cookies = new Map<string, { path: string; value: string }>();
  readonly #house: House;
  readonly #address: string;

  constructor(house: House, address = `192.0.2.${++browsers % 250}`) {
    this.#house = house;
    this.#address = address;
  }

  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const target = new URL(url, ISSUER);
    const cookie = [...this.cookies].flatMap(([key, { path, value }]) =>
      target.pathname === path || target.pathname.startsWith(path.replace(/\/?$/, "/"))
        ? `${key.split("|")[0]}=${value}`
        : [],
    );
    const headers = { accept: "text/html", ...Object.fromEntries(new Headers(init.headers)) };
    const sent = { ...headers, ...(cookie.length > 0 && { cookie: cookie.join("; ") }) };
    const answer = await this.#house.fetch(target, { ...init, headers: sent, address: this.#address });
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return answer;
  }

  #keep(line: string) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const path = /;\s*path=([^;]+)/i.exec(line)?.[1] ?? "/";
    if (/expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(`${name}|${path}`);
    else this.cookies.set(`${name}|${path}`, { path, value });
  }
}

export const location = (answer: Response) => answer.headers.get("location") ?? "";

export interface Request {
  verifier: string;
  url: string;
}

/** An authorization request as a client builds it; `undefined` leaves a parameter out. */
export function authorizationRequest(changes: Record<string, string | string[] | undefined> = {}): Request {
  const verifier = randomBytes(32).toString("base64url");
  const parameters: Record<string, string | string[] | undefined> = {
    response_type: "code",
    client_id: CIMD_CLIENT.id,
    redirect_uri: CIMD_CLIENT.redirect,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    resource: RMM,
    scope: "acme-rmm:read",
    state: "state-1",
    ...changes,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    for (const each of [value].flat()) if (each !== undefined) query.append(name, each);
  return { verifier, url: `${ISSUER}/oauth/authorize?${query}` };
}

export interface Walk {
  /** Prompts in the order in which they came. */
  prompts: string[];
  pending: Pending[];
  /** Where the browser was sent in the end, or the page it was left on. */
  end: Response;
  /** Parameters at the client's redirect address. */
  result: Record<string, string>;
}

/** Clicks through login, connect and consent until the browser leaves for the client, or is left on a page. */
export async function walk(
  browser: Browser,
  url: string,
  {
    person,
    scopes,
    connections,
    signedInAt = Date.now(),
    connect,
    org,
  }: {
    person: Person;
    scopes?: string[];
    /** Where the person is asked for one of several; their own otherwise. */
    org?: string | undefined;
    connections?: Record<string, string>;
    signedInAt?: number;
    connect?: boolean;
  },
): Promise<Walk> {
  const prompts: string[] = [];
  const pending: Pending[] = [];
  let answer = await browser.open(url);
  for (let step = 0; step < 20; step++) {
    const to = location(answer);
    if (answer.status === 200) {
      // The page that submits itself when the account changes.
      const [, action, xsrf] =
        /action="([^"]+)"[\s\S]*name="xsrf" value="([^"]+)"/.exec(await answer.clone().text()) ?? [];
      if (!action || !xsrf) break;
      const body = new URLSearchParams({ xsrf, logout: "yes" });
      answer = await browser.open(action, { method: "POST", body, headers: { origin: ISSUER } });
      continue;
    }
    if (!to.startsWith(ISSUER) && !to.startsWith("/")) break;
    const { pathname } = new URL(to, ISSUER);
    if (!pathname.startsWith("/interaction/")) {
      answer = await browser.open(to);
      continue;
    }
    const page = (await (await browser.open(to)).json()) as Pending;
    prompts.push(page.prompt);
    pending.push(page);
    if (page.prompt === "connect" && connect !== false) await person.connect(page.resource.vendor);
    if (page.prompt === "connect" && connect === false) break;
    const ticked = scopes ?? page.scopes.filter(({ ticked }) => ticked).map(({ scope }) => scope);
    const body = { userId: person.id, orgId: org ?? person.org, signedInAt, scopes: ticked, connections };
    answer = await browser.open(`${pathname}/${page.prompt}`, json(body));
  }
  const to = location(answer);
  const result =
    to && !to.startsWith(ISSUER) && !to.startsWith("/") ? Object.fromEntries(new URL(to).searchParams) : {};
  return { prompts, pending, end: answer, result };
}

export const json = (body: unknown): RequestInit => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

export interface Tokens {
  access_token: string;
  refresh_token: string;
  scope: string;
  expires_in: number;
  token_type: string;
  error?: string;
}

export async function tokenRequest(
  house: House,
  form: Record<string, string>,
  init: RequestInit = {},
): Promise<Response> {
  return await house.fetch(`${ISSUER}/oauth/token`, { method: "POST", body: new URLSearchParams(form), ...init });
}

export async function exchange(house: House, code: string, verifier: string, changes: Record<string, string> = {}) {
  return await tokenRequest(house, {
    grant_type: "authorization_code",
    client_id: CIMD_CLIENT.id,
    redirect_uri: CIMD_CLIENT.redirect,
    code,
    code_verifier: verifier,
    ...changes,
  });
}

export const refresh = (house: House, refresh_token: string, changes: Record<string, string> = {}) =>
  tokenRequest(house, { grant_type: "refresh_token", client_id: CIMD_CLIENT.id, refresh_token, ...changes });

/** The whole way: authorize, click through, exchange. */
export async function signIn(
  house: House,
  person: Person,
  changes: Record<string, string | undefined> = {},
  more: { browser?: Browser; scopes?: string[]; connections?: Record<string, string>; org?: string } = {},
): Promise<Tokens & { walk: Walk }> {
  const request = authorizationRequest(changes);
  const walked = await walk(more.browser ?? new Browser(house), request.url, { person, ...more });
  const client = {
    ...(changes.client_id && { client_id: changes.client_id }),
    ...(changes.redirect_uri && { redirect_uri: changes.redirect_uri }),
  };
  const answer = await exchange(house, walked.result.code ?? "", request.verifier, client);
  return { ...((await answer.json()) as Tokens), walk: walked };
}
