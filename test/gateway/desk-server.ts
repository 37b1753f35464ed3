import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import {
  body,
  clientCredentials,
  defineCredentials,
  defineVendor,
  hostField,
  type SignIn,
  secretField,
  signedIn,
  textField,
  toolFor,
  type Vendor,
  vendorHttp,
} from "../../runtime/index.ts";

const fields = z.object({
  host: hostField(),
  tenant: textField().optional(),
  clientId: textField(),
  clientSecret: secretField().optional(),
});

interface Paths {
  "/me": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: { responses: { 200: { content: { "application/json": { name?: string } } } } };
  };
}

interface Client {
  me(): Promise<{ name?: string }>;
}

const whoAmI = toolFor<Client>()({
  name: "desk_who_am_i",
  title: "Who am I",
  description: "The person who signed in.",
  access: "read",
  idempotent: true,
  input: z.strictObject({}),
  output: z.object({ name: z.string().optional() }),
  run: (_input, client) => client.me(),
});

const place = (host: string, tenant: string | undefined, clientId: string): SignIn => ({
  authorizeUrl: `https://${host}/auth/authorize`,
  tokenUrl: `https://${host}/auth/token`,
  clientId,
  scopes: ["all", "offline_access"],
  params: { tenant },
  pkce: true,
});

/** A vendor where people sign in themselves, in the shape of a generated one; with a secret the program does. */
export const desk = defineVendor<z.output<typeof fields>, Client>({
  slug: "desk",
  prefix: "desk",
  title: "Acme Desk",
  limits: {},
  credentials: defineCredentials(fields, {
    help: "https://help.desk.example/clients",
    rights: "A client that may read.",
    fields: [
      {
        name: "host",
        title: "Desk address",
        about: "Where you sign in.",
        secret: false,
        optional: false,
        kind: "host",
        suggestions: [{ value: "eu.desk.example", label: "Europe" }],
      },
      { name: "tenant", title: "Tenant", secret: false, optional: true },
      { name: "clientId", title: "Client ID", secret: false, optional: false },
      {
        name: "clientSecret",
        title: "Client secret",
        about: "Leave empty to sign in yourself.",
        secret: true,
        optional: true,
      },
    ],
  }),
  origins: ({ host }) => [`https://${host}`],
  signIn: ({ host, tenant, clientId, clientSecret }) =>
    clientSecret === undefined ? place(host, tenant, clientId) : undefined,
  connect: ({ host, tenant, clientId, clientSecret }, transport) => {
    const auth =
      clientSecret === undefined
        ? signedIn()
        : clientCredentials({ tokenUrl: `https://${host}/auth/token`, clientId, clientSecret, params: { tenant } });
    const http = vendorHttp<Paths>({ vendor: "Acme Desk", baseUrl: `https://${host}/api`, auth }, transport);
    return { me: () => body(http.GET("/me")) };
  },
  verify: (client) => client.me(),
  tools: [whoAmI],
  schemas: { desk_who_am_i: { input: { type: "object" }, output: { type: "object" } } },
}) as unknown as Vendor;

interface Asked {
  readonly path: string;
  readonly query: Record<string, string>;
  readonly form: Record<string, string>;
  readonly host: string | undefined;
}

/**
 * The vendor's side, on loopback: signs everybody in as Jo, checks PKCE, and lets each refresh token work once; used twice, it
 * ends the whole sign-in, as vendors do.
 */
export async function serveDesk() {
  const asked: Asked[] = [];
  const codes = new Map<string, { challenge: string; redirect: string; client: string }>();
  const families = new Map<string, { refresh: string; access: string; alive: boolean }>();
  const settings = {
    /** Seconds. */
    lifetime: 3600,
    rotates: true,
    /** Answered in place of tokens. */
    refusal: undefined as { status: number; body: string } | undefined,
    delayMs: 0,
    /** Called when a token was made and before it is answered. */
    onToken: undefined as (() => void) | undefined,
  };

  const tokens = (family: string) => {
    const next = { refresh: `refresh-${randomUUID()}`, access: `access-${randomUUID()}`, alive: true };
    const before = families.get(family);
    families.set(family, settings.rotates || !before ? next : { ...next, refresh: before.refresh });
    const { refresh, access } = families.get(family)!;
    const isSame = !settings.rotates && before;
    return {
      access_token: access,
      token_type: "Bearer",
      expires_in: settings.lifetime,
      ...(!isSame && { refresh_token: refresh }),
    };
  };

  function tokenFor(form: Record<string, string>): [number, object] {
    if (form["client_secret"] === "right-secret") return [200, tokens("program")];
    if (form["client_id"] !== "client-1") return [400, { error: "invalid_client", error_description: form["code"] }];
    if (form["grant_type"] === "authorization_code") {
      const code = codes.get(form["code"] ?? "");
      codes.delete(form["code"] ?? "");
      const proof = createHash("sha256")
        .update(form["code_verifier"] ?? "")
        .digest("base64url");
      if (!code || code.challenge !== proof || code.redirect !== form["redirect_uri"])
        return [400, { error: "invalid_grant" }];
      return [200, tokens(randomUUID())];
    }
    const used = form["refresh_token"] ?? "";
    for (const [family, each] of families) if (each.alive && each.refresh === used) return [200, tokens(family)];
    // An old refresh token: somebody has it who should not.
    for (const each of families.values()) each.alive = false;
    return [400, { error: "invalid_grant", error_description: `unknown ${used}` }];
  }

  let open = 0;
  let most = 0;
  const server = createServer(async (request, reply) => {
    const url = new URL(request.url!, "http://desk.invalid");
    const form = Object.fromEntries(new URLSearchParams(await textOf(request)));
    const host = request.headers["x-forwarded-host"];
    asked.push({ path: url.pathname, query: Object.fromEntries(url.searchParams), form, host: host?.toString() });
    if (url.pathname === "/auth/authorize") return authorize(url.searchParams, reply);
    if (url.pathname === "/api/me") return me(request, reply);
    if (url.pathname !== "/auth/token") return answer(reply, 404, {});
    most = Math.max(most, ++open);
    reply.once("close", () => open--);
    if (settings.delayMs) await pause(settings.delayMs);
    if (settings.refusal) return reply.writeHead(settings.refusal.status).end(settings.refusal.body);
    const [status, told] = tokenFor(form);
    settings.onToken?.();
    answer(reply, status, told);
  });

  function authorize(query: URLSearchParams, reply: ServerResponse) {
    const back = new URL(query.get("redirect_uri")!);
    const code = randomUUID();
    codes.set(code, {
      challenge: query.get("code_challenge") ?? "",
      redirect: query.get("redirect_uri")!,
      client: query.get("client_id")!,
    });
    back.searchParams.set("code", code);
    back.searchParams.set("state", query.get("state") ?? "");
    reply
      .writeHead(200, { "content-type": "text/html" })
      .end(
        `<!doctype html><title>Acme Desk</title><h1>Sign in to Acme Desk</h1><a id="allow" href="${back.href.replaceAll("&", "&amp;")}">Allow</a>`,
      );
  }

  function me(request: IncomingMessage, reply: ServerResponse) {
    const token = request.headers.authorization?.replace("Bearer ", "");
    const isGood = [...families.values()].some(({ access, alive }) => alive && access === token);
    answer(reply, isGood ? 200 : 401, isGood ? { name: "Jo" } : {});
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    settings,
    /** Most requests for tokens at once. */
    most: () => most,
    count: (path: string, grant?: string) =>
      asked.filter((each) => each.path === path && (!grant || each.form["grant_type"] === grant)).length,
    /** The vendor forgets everybody. */
    endAll() {
      for (const each of families.values()) each.alive = false;
    },
    /** The access tokens end early; the sign-ins go on. */
    endAccess() {
      for (const each of families.values()) each.access = "gone";
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

export type DeskServer = Awaited<ReturnType<typeof serveDesk>>;

const answer = (reply: ServerResponse, status: number, told: object) =>
  reply.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(told));

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

export const DESK = { host: "acme.desk.example", tenant: "acme", clientId: "client-1" };
