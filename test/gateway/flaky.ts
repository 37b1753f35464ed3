import { z } from "zod";
import { body, defineCredentials, defineVendor, headerAuth, type Limits, secretField, toolFor, type Vendor, vendorHttp } from "../../runtime/index.ts"; // biome-ignore format: one thought

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
    input: z.strictObject({ name: z.string().min(1), times: z.int().min(1).max(9).default(1) }),
    output,
    async run({ name, times }, client) {
      let state: { name?: string } = {};
      for (let time = 0; time < times; time++) state = await client.write(name);
      return state;
    },
  }),
];

/** A vendor behind HTTP, in the shape of a generated one. Every connection of it leads to the same address. */
export function flaky(slug: string, timeoutMs?: number, limits: Limits = {}): Vendor {
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
    limits,
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
