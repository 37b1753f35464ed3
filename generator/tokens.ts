import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface TokenCount {
  readonly total: number;
  readonly byTool: ReadonlyMap<string, number>;
}

/** Tokens of a vendor's `tools/list` as GPT's o200k counts them; other models count a little differently. */
export async function countTokens(tools: readonly { readonly name: string }[]): Promise<TokenCount> {
  const texts = [JSON.stringify({ tools }), ...tools.map((tool) => JSON.stringify(tool))];
  const counts = remembered(texts) ?? (await counted(texts));
  return { total: counts[0]!, byTool: new Map(tools.map(({ name }, index) => [name, counts[index + 1]!])) };
}

// The tokenizer takes half a second to load. A count depends on nothing but the text, so a remembered one cannot be stale.
const folder = join(import.meta.dirname, "../node_modules/.cache/vendorsmith");

const fileOf = (texts: readonly string[]) => {
  const hash = createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 32);
  return join(folder, `tokens-${hash}.json`);
};

function remembered(texts: readonly string[]): number[] | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(texts), "utf8"));
  } catch {
    return undefined;
  }
}

async function counted(texts: readonly string[]): Promise<number[]> {
  const { countTokens: count } = await import("gpt-tokenizer/encoding/o200k_base");
  const counts = texts.map((text) => count(text));
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(fileOf(texts), JSON.stringify(counts));
  } catch {
    // A folder that cannot be written only costs time.
  }
  return counts;
}
