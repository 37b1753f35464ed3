import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { body, defineCredentials, defineVendor, headerAuth, secretField, toolFor, type Vendor, vendorHttp } from "../../runtime/index.ts"; // biome-ignore format: one thought

/** How a vendor answers: well, with failures, not at all, by closing, a byte now and then, or late. */
export type Manner = "well" | "fails" | "refuses" | "busy" | "hangs" | "resets" | "drips" | { readonly lateMs: number };

interface Paths {
  "/state": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: { responses: { 200: { content: { "application/json": { name?: string } } } } };
    post: {
      requestBody: { content: { "application/json": { name: string } } };
      responses: { 200: { content: { "application/json": { name?: string } } } };
    };
  };
}

interface Client {
  read(): Promise<{ name?: string }>;
  write(name: string): Promise<{ name?: string }>;
}

const tool = toolFor<Client>();
const output = z.object({ name: z.string().optional() });

const toolsOf = (slug: string) => [
  tool({
    name: `${slug}_get_state`,
    title: "Get state",
    description: "How it is.",
    access: "read",
    idempotent: true,
    input: z.strictObject({ times: z.int().min(1).max(9).default(1), waitMs: z.int().default(0) }),
    output,
    async run({ times, waitMs }, client, call) {
      let state: { name?: string } = {};
      for (let time = 0; time < times; time++) {
        call.progress?.(time, times);
        if (time > 0) await call.sleep(waitMs);
        state = await client.read();
      }
      return state;
    },
  }),
  tool({
    name: `${slug}_set_state`,
    title: "Set state",
    description: "Makes it so.",
    access: "write",
    idempotent: true,
    input: z.strictObject({ name: z.string().min(1) }),
    output,
    run: ({ name }, client) => client.write(name),
  }),
];

/** A vendor behind HTTP, in the shape of a generated one. Every connection of it leads to the same address. */
export function flaky(slug: string, timeoutMs?: number): Vendor {
  const tools = toolsOf(slug);
  const schema = (part: z.ZodObject) => {
    const { $schema: _, required: __, ...rest } = z.toJSONSchema(part, { io: "input" });
    return rest;
  };
  const credentials = z.object({ apiKey: secretField() });
  return defineVendor<z.output<typeof credentials>, Client>({
    slug,
    prefix: slug,
    title: slug,
    credentials: defineCredentials(credentials, {
      fields: [{ name: "apiKey", title: "API key", secret: true, optional: false }],
      help: "https://flaky.example/keys",
    }),
    limits: {},
    origins: () => [`https://api.${slug}.example`],
    connect({ apiKey }, transport) {
      const auth = headerAuth({ "x-api-key": apiKey });
      const config = { vendor: slug, baseUrl: `https://api.${slug}.example`, auth };
      const http = vendorHttp<Paths>(config, { ...transport, ...(timeoutMs !== undefined && { timeoutMs }) });
      return {
        read: () => body(http.GET("/state")),
        write: (name) => body(http.POST("/state", { body: { name } })),
      };
    },
    verify: (client) => client.read(),
    tools,
    schemas: Object.fromEntries(
      tools.map((one) => [one.name, { input: schema(one.input), output: schema(one.output) }]),
    ),
  }) as unknown as Vendor; // the gateway handles vendors without knowing their client
}

/** The vendor's side, on loopback. */
export async function serveFlaky(manner: Manner = "well") {
  const world = { manner, reads: 0, writes: 0, open: 0, most: 0 };
  const server = createServer(async (request, reply) => {
    for await (const _ of request);
    world[request.method === "GET" ? "reads" : "writes"]++;
    world.most = Math.max(world.most, ++world.open);
    reply.once("close", () => world.open--);
    answer(reply, world.manner);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(world, { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

export type FlakyServer = Awaited<ReturnType<typeof serveFlaky>>;

const JSON_TYPE = { "content-type": "application/json" };

function answer(reply: ServerResponse, manner: Manner) {
  if (manner === "hangs") return;
  if (manner === "resets") return reply.socket?.resetAndDestroy();
  if (manner === "fails") return reply.writeHead(500, JSON_TYPE).end("{}");
  if (manner === "refuses") return reply.writeHead(400, JSON_TYPE).end("{}");
  if (manner === "busy") return reply.writeHead(429, { ...JSON_TYPE, "retry-after": "0" }).end("{}");
  if (manner === "drips") {
    reply.writeHead(200, JSON_TYPE).write("{");
    const drip = setInterval(() => reply.write(" "), 20);
    return reply.once("close", () => clearInterval(drip));
  }
  const good = () => reply.writeHead(200, JSON_TYPE).end('{"name":"fine"}');
  return typeof manner === "object" ? setTimeout(good, manner.lateMs) : good();
}
