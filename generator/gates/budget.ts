import type { Problem } from "../model/problem.ts";
import type { VendorModel } from "../model/vendor.ts";
import type { TokenCount } from "../tokens.ts";

/** Every conversation pays for the whole list, whether it uses a tool or not. */
const VENDOR_TOKENS = 5000;
const TOOL_TOKENS = 800;

export function checkBudget(vendor: Pick<VendorModel, "where" | "tools">, { total, byTool }: TokenCount): Problem[] {
  const largest = [...byTool]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([name, tokens]) => `${name} ${tokens}`);
  const problems = checkTools(vendor, { byTool });
  if (total > VENDOR_TOKENS) {
    problems.push({
      where: vendor.where,
      message: `tools/list takes ${total} tokens (o200k)`,
      hint: `at most ${VENDOR_TOKENS}; largest: ${largest.join(", ")}`,
    });
  }
  return problems;
}

/** Each tool by itself. */
export const checkTools = ({ tools }: Pick<VendorModel, "tools">, { byTool }: Pick<TokenCount, "byTool">): Problem[] =>
  tools.flatMap(({ name, where }): Problem[] => {
    const tokens = byTool.get(name) ?? 0;
    if (tokens <= TOOL_TOKENS) return [];
    return [
      {
        where,
        message: `takes ${tokens} tokens (o200k) of tools/list`,
        hint: `at most ${TOOL_TOKENS}: fewer fields, shorter texts`,
      },
    ];
  });
