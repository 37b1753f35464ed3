import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { setupServer } from "msw/node";
import { across, vendors } from "../../generated/index.ts";
import {
  type Across,
  annotationsOf,
  callTool,
  createLimiter,
  memoryTokens,
  newCall,
  type Tool,
  type Vendor,
} from "../../runtime/index.ts";
import { cases, idsOf } from "../../test/e2e/cases.ts";
import { createFakes, type Fakes } from "../../test/fakes/fakes.ts";
import { demoKeys } from "../../test/fakes/keys.ts";

export interface VendorTokens {
  /** Of `tools/list` with every tool of the vendor, but for those that are off until somebody switches them on. */
  readonly list: number;
  /** Of these others. */
  readonly extended: number;
  /** For each tool: its result, and the vendor's answers it was made of. Sums over the demo's cases. */
  readonly tools: Readonly<Record<string, { result: number; raw: number }>>;
}

/** Counted as o200k does; other models count a little differently, the ratio stays. */
export async function measureTokens(progress: (line: string) => void): Promise<Record<string, VendorTokens>> {
  const fakes = createFakes();
  const server = setupServer(...fakes.handlers);
  server.listen({ onUnhandledFrame: "error" });
  try {
    const ids = idsOf(fakes);
    const measured: Record<string, VendorTokens> = {};
    for (const vendor of vendors) {
      progress(`tokens: ${vendor.title}`);
      const tools: Record<string, { result: number; raw: number }> = {};
      for (const { tool: name, args } of cases.filter((one) => one.vendor === vendor.slug)) {
        const tool = vendor.tools.find((one) => one.name === name)!;
        const cost = await costOf(vendor, tool, args(ids), fakes);
        const before = tools[name] ?? { result: 0, raw: 0 };
        tools[name] = { result: before.result + cost.result, raw: before.raw + cost.raw };
      }
      measured[vendor.slug] = { ...listed(vendor), tools };
    }
    for (const set of across) measured[set.slug] = { ...listed(set), tools: {} };
    return measured;
  } finally {
    server.close();
  }
}

const listed = (set: Vendor | Across) => ({
  list: listTokens(set, (tool) => !tool.extended),
  extended: listTokens(set, (tool) => tool.extended === true),
});

const listTokens = ({ tools, schemas }: Vendor | Across, isMeant: (tool: Tool) => boolean) =>
  countTokens(
    JSON.stringify({
      tools: tools.filter(isMeant).map(({ name, title, description, access, idempotent }) => {
        const { input: inputSchema, output: outputSchema } = schemas[name]!;
        return { name, title, description, inputSchema, outputSchema, annotations: annotationsOf(access, idempotent) };
      }),
    }),
  );

async function costOf(vendor: Vendor, tool: Tool, args: unknown, fakes: Fakes) {
  let raw = 0;
  const counting: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const url = input instanceof Request ? input.url : String(input);
    const text = await answer.clone().text(); // several may be under way: nothing is added across an await
    const isSignIn = fakes.exchanges.findLast((each) => each.url.href === url)?.outside;
    if (!isSignIn) raw += countTokens(text);
    return answer;
  };
  const keys = vendor.credentials.parse({ ...demoKeys[vendor.slug as keyof typeof demoKeys] });
  if (!keys.ok) throw new Error(`The demo keys of ${vendor.slug} do not fit its fields.`);
  const client = vendor.connect(keys.value, {
    fetch: counting,
    limiter: createLimiter({ ...vendor.limits, all: undefined, reads: undefined, writes: undefined }),
    tokens: memoryTokens(),
  });
  fakes.clear();
  const call = { ...newCall({}), sleep: async () => {} };
  const result = await callTool(tool, { args, client, call });
  if (!result.ok) throw new Error(`${tool.name}: ${result.error.code}`);
  return { result: countTokens(result.json), raw };
}
