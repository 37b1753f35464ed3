import { stepsOf } from "../build/before.ts";
import { operationsOf } from "../build/choice.ts";
import type { ToolModel } from "../model/tool.ts";
import type { Gate } from "./vendor.ts";

/** Nothing is kept that some people may not see or that nobody should find later. */
export function checkCache(tools: readonly ToolModel[], { problem }: Gate): void {
  for (const tool of tools) {
    const why = secretIn(tool);
    if (!why) continue;
    const kept = stepsOf(tool).flatMap(({ choice }) => operationsOf(choice).filter(({ cache }) => cache));
    for (const name of new Set(kept.map(({ name }) => name)))
      if (tool.access === "reveal" || tool.cache)
        problem(
          ["operations", name, "cache"],
          `${tool.key} answers ${why} with it, and such answers are never kept`,
          "leave it out",
        );
  }
}

function secretIn({ access, classes, dataClass, redact, inputs }: ToolModel): string | undefined {
  if (access === "reveal" || classes.secret || dataClass === "secret") return "a secret";
  if (redact.length > 0) return "what is redacted";
  return inputs.some(({ secret }) => secret) ? "somebody who gives a secret" : undefined;
}
