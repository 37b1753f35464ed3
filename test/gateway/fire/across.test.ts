import { expect, it } from "vitest";
import { z } from "zod";
import { ALL_VENDORS } from "../../../gateway/oauth/resources.ts";
import { acrossFor, annotationsOf, defineAcross, optional, toolHash } from "../../../runtime/index.ts";
import { lockOf } from "../acme.ts";
import { flaky } from "../flaky.ts";
import { serveFlaky } from "../flaky-server.ts";
import { connectClient, gate } from "../mcp/gate.ts";

interface Asked {
  read(): Promise<{ name?: string }>;
}

const overview = acrossFor<{ ill?: Asked; well?: Asked }>()({
  name: "both_overview",
  title: "Overview",
  description: "How both are.",
  access: "read",
  parts: [
    { vendor: "ill", access: "read" },
    { vendor: "well", access: "read" },
  ],
  idempotent: true,
  input: z.strictObject({}),
  output: z.object({ ill: z.string().optional(), well: z.string().optional() }),
  async run(_input, { ill, well }) {
    const [one, other] = await Promise.all([ill && optional(ill.read()), well && optional(well.read())]);
    return { ill: one?.name, well: other?.name };
  },
});

const schema = { type: "object", properties: {}, additionalProperties: false } as const;
const set = defineAcross({
  slug: "both",
  prefix: "both",
  title: "Across vendors",
  tools: [overview],
  schemas: { both_overview: { input: schema, output: { type: "object" } } },
});

it("a tool across vendors loses the part of one that hangs and no other, and names it (OPS-15)", async () => {
  const [ill, well] = [await serveFlaky("hangs"), await serveFlaky()];
  const vendors = [flaky("ill", 250), flaky("well")];
  const { name, title, description } = overview;
  const annotations = annotationsOf("read", true);
  const facts = {
    name,
    title,
    description,
    inputSchema: schema,
    outputSchema: { type: "object" },
    annotations,
  } as const;
  const house = await gate({
    vendors,
    across: [set],
    lock: { ...lockOf(...vendors), both: { both_overview: toolHash(facts) } },
    env: { DEV_VENDOR_ORIGINS: JSON.stringify({ ill: ill.origin, well: well.origin }) },
  });
  const ann = await house.someone();
  const bound = { ill: (await ann.connect("ill")).id, well: (await ann.connect("well")).id };
  const token = await ann.token(["ill:read", "well:read"], { vendor: ALL_VENDORS, bound });
  const client = await connectClient(`${house.origin}/mcp`, token, "modern");
  const ask = () => client.callTool({ name: "both_overview", arguments: {} });
  for (let n = 0; n < 7; n++) {
    const answer = await ask(); // the first hang, the others are held back
    expect(answer.structuredContent).toEqual({ well: "fine" });
    expect(answer._meta).toMatchObject({ "vendorsmith/unanswered": ["ill"] });
    expect((answer.content as { text: string }[]).at(-1)!.text).toMatch(
      /^ill did not answer: what would be from there is missing/,
    );
  }
  expect(ill.reads).toBe(5);
  expect(well.reads).toBe(7);
}, 60_000);
