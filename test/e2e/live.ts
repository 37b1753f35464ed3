import { callTool, createLimiter, memoryTokens, newCall, type Vendor } from "../../runtime/index.ts";

export interface LiveCheck {
  name: string;
  /** "ok", or the code of the failure. Nothing of what the vendor answered. */
  outcome: string;
  /** Items in the first list of the answer. */
  items?: number;
  ms: number;
}

/** Environment variable of a credential field: `SOME_VENDOR_API_KEY`. */
export const variableOf = (slug: string, field: string) =>
  `${slug}_${field.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.replaceAll("-", "_").toUpperCase();

/** The credentials that the environment holds for a vendor, or the variables that are missing. */
export function liveKeys({ slug, credentials }: Vendor, env: NodeJS.ProcessEnv) {
  const named = credentials.fields.map((field) => ({ ...field, variable: variableOf(slug, field.name) }));
  const keys = Object.fromEntries(
    named.flatMap(({ name, variable }) => (env[variable] ? [[name, env[variable]]] : [])),
  );
  const missing = named.filter((field) => !keys[field.name] && !field.optional && field.default === undefined);
  return { keys, missing: missing.map(({ variable }) => variable) };
}

/**
 * Whether keys work and tools that need no arguments answer as their schemas say, at the real vendor. Reads only, three
 * items each, one after the other.
 */
export async function liveChecks(
  vendor: Vendor,
  keys: Record<string, string>,
  fetch: typeof globalThis.fetch,
): Promise<LiveCheck[]> {
  const parsed = vendor.credentials.parse(keys);
  if (!parsed.ok) return [{ name: "keys", outcome: `wrong: ${Object.keys(parsed.errors).join(", ")}`, ms: 0 }];
  const client = vendor.connect(parsed.value, {
    fetch,
    limiter: createLimiter(vendor.limits),
    tokens: memoryTokens(),
  }) as object;
  const checks: LiveCheck[] = [];
  const timed = async (name: string, work: () => Promise<Omit<LiveCheck, "name" | "ms">>) => {
    const began = performance.now();
    const done = await work().catch((error: { code?: string }) => ({ outcome: error.code ?? "INTERNAL" }));
    checks.push({ name, ...done, ms: Math.round(performance.now() - began) });
  };
  await timed("keys", async () => {
    await vendor.verify(client);
    return { outcome: "ok" };
  });
  if (checks[0]!.outcome !== "ok") return checks;
  const reads = vendor.tools.filter(({ access, extended }) => access === "read" && !extended);
  for (const tool of reads.filter(({ name }) => !needsArguments(vendor, name))) {
    await timed(tool.name, async () => {
      const args = tool.input.shape["limit"] ? { limit: 3 } : {};
      const result = await callTool(tool, { args, client, call: newCall() });
      if (!result.ok) throw result.error;
      const list = Object.values(result.value).find(Array.isArray);
      return { outcome: "ok", ...(list && { items: list.length }) };
    });
  }
  // A tool that takes one of several ids says so only when it is called.
  return checks.filter(({ outcome }) => outcome !== "INVALID_INPUT");
}

const needsArguments = ({ schemas }: Vendor, name: string) =>
  ((schemas[name]!.input as { required?: string[] }).required ?? []).length > 0;
