import { afterEach, describe, expect, it } from "vitest";
import { closeCursor, closePlace } from "../../runtime/cursor.ts";
import { callTool, createLimiter, memoryTokens, newCall, parseInput } from "../../runtime/index.ts";
import { demoKeys, type VendorSlug } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import { cases, idsOf } from "./cases.ts";
import { toolOf, vendorOf } from "./vendor.ts";

// What vendors think of such values is their business: here it counts where they go.
const fakes = useFakes({ validate: false });
const ids = idsOf(fakes);

/** Every address that anything was sent to. */
const sent: URL[] = [];
afterEach(() => {
  sent.length = 0;
});

/** A connection whose budgets do not hold up hundreds of calls. */
function connection(slug: VendorSlug) {
  const vendor = vendorOf(slug);
  const parsed = vendor.credentials.parse({ ...demoKeys[slug] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const client = vendor.connect(parsed.value, {
    fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
      sent.push(new URL(input instanceof Request ? input.url : input));
      return globalThis.fetch(input, init); // looked up now: msw replaces the global
    },
    limiter: createLimiter({}),
    tokens: memoryTokens(),
  });
  const quick = { ...newCall({}), sleep: () => Promise.resolve() };
  return { call: (tool: string, args: unknown) => callTool(toolOf(tool), { args, client, call: quick }) };
}

/** What was asked beyond what this case is allowed to ask; reads of names for ids aside. */
function beyond(uses: readonly string[], vendor: string): string[] {
  const asked = fakes.exchanges.filter((exchange) => !exchange.outside && exchange.vendor === vendor);
  const names = asked.map(({ method, template }) => `${method} ${template}`);
  return [...new Set(names)].filter((name) => !uses.includes(name) && !/^(GET|query) |\/query$/.test(name));
}

const places = [
  "https://evil.example/steal",
  "//evil.example",
  "https://evil.example@api.example/",
  "../../secrets",
  "/api/v1/APIToken",
  "?page=1&x=y#z",
  "1 or 1=1",
  '" or id > 0 or "',
  "x\r\nX-Evil: 1",
  -1,
  1e15,
  [1, "a"],
];

describe("places in a list that nobody gave", () => {
  for (const { vendor, tool, args, uses } of cases.filter(({ tool }) => "cursor" in toolOf(tool).input.shape))
    it(`lead ${tool} nowhere else (VLT-13)`, async () => {
      const origins = new Set<string>();
      const client = connection(vendor);
      const given = args(ids);
      await client.call(tool, given);
      for (const { origin } of sent) origins.add(origin);
      const wanted = toolOf(tool);
      for (const at of places) {
        const parsed = parseInput(wanted, given);
        if (!parsed.ok) throw parsed.error;
        const cursor = closeCursor(wanted, parsed.value, closePlace({ at: at as never, size: undefined, offset: 0 }));
        const result = await client.call(tool, { ...given, cursor });
        if (!result.ok) expect(result.error.code, JSON.stringify(at)).not.toBe("INTERNAL");
      }
      expect([...new Set(sent.map(({ origin }) => origin))].filter((origin) => !origins.has(origin))).toEqual([]);
      expect(beyond(uses, vendor)).toEqual([]);
    });
});

const texts = [
  "..",
  "../..",
  "a/../b",
  "%2e%2e%2f",
  "x?admin=1",
  "x#y",
  '" or id > 0 or "x" = "',
  "' or '1'='1",
  "x') or (1=1",
  "%",
  "a,b",
  "x\\",
  "\u0000",
  "__proto__",
  "{{x}}",
  "*",
];

describe("texts that would like to be something else", () => {
  for (const { vendor, tool, args, uses } of cases) {
    const names = Object.entries(args(ids)).filter(([, value]) => typeof value === "string");
    if (names.length === 0) continue;
    it(`stay values in ${tool}`, async () => {
      const client = connection(vendor);
      const given = args(ids);
      await client.call(tool, given);
      const usual = new Set(sent.map(({ origin }) => origin));
      const deepest = Math.max(...sent.map(({ pathname }) => pathname.split("/").length));
      for (const [name] of names)
        for (const text of texts) {
          const result = await client.call(tool, { ...given, [name]: text });
          if (!result.ok) expect(result.error.code, `${name}: ${text}`).not.toBe("INTERNAL");
        }
      expect([...new Set(sent.map(({ origin }) => origin))].filter((origin) => !usual.has(origin))).toEqual([]);
      expect(sent.filter(({ pathname }) => pathname.split("/").length > deepest + 2)).toEqual([]);
      expect(beyond(uses, vendor)).toEqual([]);
    });
  }
});
