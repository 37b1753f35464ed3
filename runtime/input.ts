import type { z } from "zod";
import { ToolError } from "./errors.ts";
import { quotable } from "./text.ts";
import type { Tool } from "./tool.ts";

export type ParsedInput =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | { readonly ok: false; readonly error: ToolError };

const SHOWN = 10;

/** The arguments as the tool takes them, or one sentence for each that is wrong. Values are not repeated. */
export function parseInput({ input, access }: Pick<Tool, "input" | "access">, args: unknown): ParsedInput {
  const parsed = input.safeParse(access === "read" ? withoutBlanks(args ?? {}) : (args ?? {}));
  if (parsed.success) return { ok: true, value: parsed.data };
  const fields = parsed.error.issues
    .slice(0, SHOWN)
    .map((issue) => ({ field: quotable(issue.path.join("."), 100), message: sentence(issue, input) }));
  const message = fields.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join("; ");
  return { ok: false, error: new ToolError("INVALID_INPUT", `${message}.`, { fields }) };
}

/** Models fill filters they do not use with empty text; a vendor would search for it. In a change it may mean "clear this". */
function withoutBlanks(args: unknown): unknown {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return args;
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== "" && value !== null));
}

/**
 * zod's own sentence says what is expected. Names of unknown arguments come from the caller: shortened, in quotes; beside them
 * stand the known ones, so that the next try is right.
 */
function sentence(issue: z.core.$ZodIssue, input: Tool["input"]): string {
  if (issue.code !== "unrecognized_keys")
    return quotable(
      issue.message.replace(/^Invalid input: /, "").replace(/, received undefined$/, ", is missing"),
      200,
    );
  const names = issue.keys.slice(0, SHOWN).map((key) => `'${quotable(key, 60)}'`);
  const known = issue.path.length === 0 ? Object.keys(input.shape) : [];
  return `unknown argument ${names.join(", ")}${known.length > 0 ? ` (known: ${known.join(", ")})` : ""}`;
}
