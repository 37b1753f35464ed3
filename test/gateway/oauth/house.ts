import { generateKeyPairSync, randomBytes } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import { createClock } from "../../../gateway/clock.ts";
import { readConfig } from "../../../gateway/config.ts";
import { addConnection } from "../../../gateway/database/connections.ts";
import { newId } from "../../../gateway/database/ids.ts";
import metrics from "../../../gateway/metrics/plugin.ts";
import { oauth } from "../../../gateway/oauth/plugin.ts";
import type { VendorFacts } from "../../../gateway/oauth/resources.ts";
import audit from "../../../gateway/plugins/audit.ts";
import database from "../../../gateway/plugins/database.ts";
import identity from "../../../gateway/plugins/identity.ts";
import keys from "../../../gateway/plugins/keys.ts";
import limits from "../../../gateway/plugins/limits.ts";
import redis from "../../../gateway/plugins/redis.ts";
import vault from "../../../gateway/plugins/vault.ts";
import { addSomebody, connectionOf } from "../rows.ts";
import { drivePages } from "./driver.ts";

export const ISSUER = "https://mcp.example.test";
export const RMM = `${ISSUER}/v1/acme-rmm`;
export const DOCS = `${ISSUER}/v1/acme-docs`;

const VENDORS: VendorFacts[] = [
  { slug: "acme-rmm", title: "Acme RMM", tools: [{ access: "read" }, { access: "write" }, { access: "destroy" }] },
  { slug: "acme-docs", title: "Acme Docs", tools: [{ access: "read" }, { access: "write" }, { access: "reveal" }] },
  { slug: "acme-status", title: "Acme Status", tools: [{ access: "read" }] },
];

const CLIENT_DOCUMENT = "https://claude.example/oauth/client.json";

/** Documents that clients describe themselves with; a name that is not here is a host that does not answer. */
const DOCUMENTS: Record<string, () => Response> = {
  [CLIENT_DOCUMENT]: () =>
    Response.json({
      client_id: CLIENT_DOCUMENT,
      client_name: "Claude Code",
      client_uri: "https://claude.example",
      redirect_uris: ["http://localhost/callback", "http://127.0.0.1/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    }),
};

export const CIMD_CLIENT = { id: CLIENT_DOCUMENT, redirect: "http://localhost:49152/callback" };

export interface House {
  readonly app: FastifyInstance;
  /** Milliseconds by which the gateway is ahead of the clock. */
  readonly clock: { ahead: number };
  /** How often each address was asked for. */
  readonly fetched: string[];
  readonly documents: Record<string, () => Response | Promise<Response>>;
  /** Talks to the gateway in this process as a client program would over HTTP. */
  readonly fetch: (url: string | URL, init?: RequestInit & { address?: string }) => Promise<Response>;
  person(name?: string): Promise<Person>;
  /** Everything in the database, as text. */
  dump(): Promise<string>;
  events(type: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface Person {
  readonly id: string;
  readonly org: string;
  connect(vendor: string): Promise<string>;
}

/** The authorization server with the real database, audit log and vault, and pages that a test answers. */
export async function openHouse(env: Record<string, string> = {}): Promise<House> {
  const clock = { ahead: 0 };
  const documents: House["documents"] = { ...DOCUMENTS };
  const fetched: string[] = [];
  const app = Fastify({ trustProxy: false });
  const config = readConfig({ NODE_ENV: "test", PUBLIC_URL: ISSUER, AUDIT_LOG_FILE: "off", ...KEYS, ...env });
  app.decorate("config", { ...config, database: { file: ":memory:" } });
  app.decorate(
    "clock",
    createClock(() => Date.now() + clock.ahead),
  );
  app.decorate("vendors", new Map(VENDORS.map((vendor) => [vendor.slug, vendor])) as never);
  for (const plugin of [metrics, database, redis, keys, audit, vault, identity, limits]) await app.register(plugin);
  await app.register(oauth, {
    documents: async (url) => {
      fetched.push(url);
      const answer = documents[url];
      if (!answer) throw new Error("host does not answer");
      return await answer();
    },
  });
  await app.register(drivePages);
  await app.ready();
  return {
    app,
    clock,
    fetched,
    documents,
    fetch: async (url, { address, ...init } = {}) => {
      const request = new Request(url, init);
      const { pathname, search, host } = new URL(request.url);
      const payload = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
      const answer = await app.inject({
        method: request.method as "GET",
        url: pathname + search,
        headers: {
          host,
          ...Object.fromEntries(request.headers),
          ...(payload && { "content-length": `${payload.length}` }),
        },
        payload,
        remoteAddress: address ?? "192.0.2.10",
      });
      const headers = new Headers();
      for (const [name, value] of Object.entries(answer.headers))
        for (const each of [value].flat()) if (each !== undefined) headers.append(name, String(each));
      const empty = [204, 304].includes(answer.statusCode);
      return new Response(empty ? null : new Uint8Array(answer.rawPayload), { status: answer.statusCode, headers });
    },
    person: async (name = "Ada") => await newPerson(app, name),
    dump: async () => JSON.stringify(await allRows(app)),
    events: async (type) => {
      const rows = await app.db.selectFrom("audit_events").selectAll().where("type", "=", type).execute();
      return rows.map((row) => ({ ...row, ...JSON.parse(row.detail) }));
    },
    close: () => app.close(),
  };
}

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const KEYS = {
  VAULT_KEYS: `k1:${randomBytes(32).toString("base64")}`,
  AUDIT_KEY: randomBytes(32).toString("base64"),
  COOKIE_KEYS: randomBytes(32).toString("base64url"),
  SIGNING_KEYS: JSON.stringify({ ...privateKey.export({ format: "jwk" }), kid: "sig-1" }),
};

async function newPerson({ db }: FastifyInstance, name: string): Promise<Person> {
  const { user: id, org } = await addSomebody(db, name, Date.now());
  return {
    id,
    org,
    async connect(vendor) {
      const connection = newId("con");
      await addConnection(db, {
        ...connectionOf({ org, owner: id, id: connection, vendor }, Date.now()),
        label: vendor,
      });
      return connection;
    },
  };
}

async function allRows({ db }: FastifyInstance) {
  const tables = await db.introspection.getTables();
  return Promise.all(
    tables.map(async ({ name }) => [
      name,
      await db
        .selectFrom(name as "users")
        .selectAll()
        .execute(),
    ]),
  );
}
