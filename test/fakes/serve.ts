import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { getResponse } from "msw";
import type { Exchange } from "./fake.ts";
import { createFakes, type Fakes } from "./fakes.ts";
import type { VendorSlug } from "./keys.ts";

export interface Served {
  /** Loopback address per vendor; as JSON it is a value for DEV_VENDOR_ORIGINS. */
  origins: Record<VendorSlug, string>;
  fakes: Fakes;
  /** Requests so far, of all vendors. */
  readonly requests: Exchange[];
  /** `METHOD url` of requests that no fake knows; they were answered 501. */
  unknown: string[];
  close(): Promise<void>;
}

/** Takes a request before the fake does. @returns whether it was answered, or is left hanging */
export type Instead = (slug: string, incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/** Serves the fakes on loopback, one port per vendor, for the demo, browsers and benchmarks. */
export async function serveFakes({
  instead,
  ...options
}: Parameters<typeof createFakes>[0] & { instead?: Instead } = {}): Promise<Served> {
  const fakes = createFakes(options);
  const unknown: string[] = [];
  const servers = new Map<string, Server>();
  for (const fake of fakes.all) {
    const server = createServer((incoming, outgoing) => {
      if (!instead?.(fake.slug, incoming, outgoing)) void serve(incoming, outgoing);
    });
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.set(fake.slug, server);

    const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
      const gone = new AbortController();
      outgoing.on("close", () => !outgoing.writableFinished && gone.abort());
      const request = await toRequest(incoming, fake.origin, gone.signal);
      const response = await getResponse(fake.handlers, request).catch(
        (error: unknown) => new Response(String(error), { status: 500 }),
      );
      if (!response) unknown.push(`${request.method} ${request.url}`);
      await send(
        response ??
          Response.json(
            { error: `The fake of ${fake.slug} does not know ${request.method} ${request.url}` },
            { status: 501 },
          ),
        outgoing,
      );
    };
  }
  const origins = Object.fromEntries(
    [...servers].map(([slug, server]) => [slug, `http://127.0.0.1:${(server.address() as AddressInfo).port}`]),
  );
  return {
    origins: origins as Served["origins"],
    fakes,
    unknown,
    get requests() {
      return fakes.exchanges;
    },
    async close() {
      for (const server of servers.values()) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

/** The request as it was meant: whoever redirected it to loopback tells the vendor's host in `x-forwarded-host`. */
async function toRequest(incoming: IncomingMessage, origin: string, signal: AbortSignal): Promise<Request> {
  const host = incoming.headers["x-forwarded-host"];
  const url = new URL(incoming.url ?? "/", typeof host === "string" ? `https://${host}` : origin);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (name !== "host" && name !== "x-forwarded-host" && value !== undefined) headers.set(name, String(value));
  }
  const body = await buffer(incoming);
  return new Request(url, {
    method: incoming.method ?? "GET",
    headers,
    signal,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
}

async function send(response: Response, outgoing: ServerResponse) {
  if (response.type === "error") {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
