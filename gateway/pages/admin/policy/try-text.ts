import { z } from "zod";
import { DETECTOR_NAMES, type RedactionRules, redactFor } from "../../../../runtime/index.ts";
import type { PolicyDocument } from "../../../policy/document.ts";

export interface Tried {
  readonly text: string;
  readonly removed: readonly { readonly what: string; readonly times: number }[];
}

/** What would be hidden of a text, by the rules as they stand. Nothing is kept of it. */
export function tryText({ hiddenClasses, redaction }: PolicyDocument, text: string): Tried {
  const rules: RedactionRules = {
    classes: hiddenClasses,
    fields: [],
    patterns: redaction.patterns,
    detectors: Object.fromEntries(DETECTOR_NAMES.filter((name) => redaction.detectorsOff.includes(name)).map((name) => [name, false])),
  }; // biome-ignore format: one thought
  const { value, removed } = redactFor(
    rules,
    { name: "text", access: "read", output: z.object({ text: z.string() }) },
    { text },
  );
  return {
    text: String(value["text"]),
    removed: Object.entries(removed).map(([what, times]) => ({ what: what.replace(/^pattern:/, ""), times })),
  };
}
