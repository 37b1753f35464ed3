import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import {
  body,
  defineCredentials,
  defineVendor,
  headerAuth,
  secretField,
  textField,
  toolFor,
  type Vendor,
  vendorHttp,
} from "../../../runtime/index.ts";

const none = z.strictObject({});

const tool = (name: string, access: "read" | "write") =>
  toolFor<unknown>()({
    name,
    title: name,
    description: "A tool.",
    access,
    idempotent: true,
    input: none,
    output: none,
    run: async () => ({}),
  });

const monitorFields = z.object({
  region: z.enum(["eu", "us"]).default("eu"),
  apiKey: textField(),
  apiSecret: secretField(),
});

/** A vendor with a region, a key that may be shown and a secret that may not. */
export const monitor = defineVendor<z.output<typeof monitorFields>, Account>({
  slug: "monitor",
  prefix: "monitor",
  title: "Acme Monitor",
  limits: {},
  credentials: defineCredentials(monitorFields, {
    help: "https://help.monitor.example/keys",
    rights: "Read devices and alerts.",
    fields: [
      {
        name: "region",
        title: "Region",
        about: "The first word of the address where you sign in.",
        secret: false,
        optional: false,
        default: "eu",
        enum: [
          { value: "eu", label: "Europe" },
          { value: "us", label: "United States" },
        ],
      },
      { name: "apiKey", title: "API key", secret: false, optional: false },
      {
        name: "apiSecret",
        title: "API secret key",
        about: "Shown once when the key is made.",
        secret: true,
        optional: false,
      },
    ],
  }),
  origins: ({ region }) => [`https://${region}.monitor.example`],
  connect: ({ region, apiKey, apiSecret }, transport) => {
    const http = vendorHttp<Paths>(
      {
        vendor: "Acme Monitor",
        baseUrl: `https://${region}.monitor.example/api`,
        auth: headerAuth({ "x-key": apiKey, "x-secret": apiSecret }),
      },
      transport,
    );
    return { account: () => body(http.GET("/account", {})) };
  },
  verify: (client) => client.account(),
  tools: [
    tool("monitor_list_devices", "read"),
    tool("monitor_list_alerts", "read"),
    tool("monitor_resolve_alert", "write"),
  ],
  schemas: {},
}) as unknown as Vendor;

const papersFields = z.object({ apiKey: secretField() });

/** A vendor with one secret and nothing else. */
export const papers = defineVendor<z.output<typeof papersFields>, Account>({
  slug: "papers",
  prefix: "papers",
  title: "Paper Shelf",
  limits: {},
  credentials: defineCredentials(papersFields, {
    help: "https://help.papers.example/keys",
    fields: [{ name: "apiKey", title: "API key", secret: true, optional: false }],
  }),
  origins: () => ["https://api.papers.example"],
  connect: ({ apiKey }, transport) => {
    const http = vendorHttp<Paths>(
      { vendor: "Paper Shelf", baseUrl: "https://api.papers.example", auth: headerAuth({ "x-secret": apiKey }) },
      transport,
    );
    return { account: () => body(http.GET("/account", {})) };
  },
  verify: (client) => client.account(),
  tools: [tool("papers_search", "read")],
  schemas: {},
}) as unknown as Vendor;

interface Account {
  account(): Promise<unknown>;
}

interface Paths {
  "/account": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: { responses: { 200: { content: { "application/json": { name?: string } } } } };
  };
}

export const RIGHT = { region: "eu", apiKey: "AK-1", apiSecret: "right-secret-4711" };

/** Both vendors behind one loopback listener. What the secret is decides what it answers. */
export async function serveSampleVendors() {
  const seen: { host?: string; secret?: string; path?: string }[] = [];
  const server = createServer((request, reply) => {
    const { host, secret } = wordsOf(request);
    seen.push({ host, secret, path: request.url });
    const status = statusFor(host, secret);
    if (status === 0) return void request.socket.destroy();
    const retry = status === 429 ? { "retry-after": "7" } : undefined;
    reply.writeHead(status, { "content-type": "application/json", ...retry }).end('{"name":"Acme"}');
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    seen,
    env: { DEV_VENDOR_ORIGINS: JSON.stringify({ monitor: origin, papers: origin }) },
    close: () => new Promise((done) => server.close(done)),
  };
}

const wordsOf = ({ headers }: IncomingMessage) => ({
  host: String(headers["x-forwarded-host"]),
  secret: String(headers["x-secret"]),
});

function statusFor(host: string, secret: string): number {
  const answers: Record<string, number> = { forbidden: 403, busy: 429, gone: 404, odd: 418, down: 503, cut: 0 };
  if (secret in answers) return answers[secret]!;
  if (host === "us.monitor.example") return 401;
  return secret.startsWith("right") ? 200 : 401;
}
