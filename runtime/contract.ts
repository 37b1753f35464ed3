import { createHash } from "node:crypto";

/** `read` looks, `write` creates or changes, `destroy` deletes or runs something on a machine, `reveal` answers a secret. */
export type Access = "read" | "write" | "destroy" | "reveal";

export type JsonSchema = { readonly [keyword: string]: unknown };

export interface Annotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/**
 * The four MCP hints, all written out because their defaults are wrong for most tools.
 * A reveal is not called read-only: hosts run those without asking, and vendors log the access.
 */
export function annotationsOf(access: Access, idempotent: boolean): Annotations {
  return {
    readOnlyHint: access === "read",
    destructiveHint: access === "destroy",
    idempotentHint: access === "read" || access === "reveal" || idempotent,
    openWorldHint: true,
  };
}

/** JSON with sorted keys and no spaces, so that equal values have equal text. Undefined properties are left out. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if ("toJSON" in value && typeof value.toJSON === "function") return canonicalJson(value.toJSON());
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`);
  return `{${entries.join(",")}}`;
}

/** What a client approves when it approves a tool. */
export interface ToolContract {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly annotations: Annotations;
}

/** The entry of a tool in the committed lock, `generated/contract.json`. */
export function toolHash({ name, title, description, inputSchema, outputSchema, annotations }: ToolContract): string {
  const text = canonicalJson({ name, title, description, inputSchema, outputSchema, annotations });
  return `sha256-${createHash("sha256").update(text).digest("base64url")}`;
}
