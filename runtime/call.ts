import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Call } from "./call-context.ts";
import { fitTo } from "./cap.ts";
import { clean, redact } from "./clean.ts";
import { canonicalJson } from "./contract.ts";
import { abortError, ToolError } from "./errors.ts";
import { project } from "./project.ts";
import { Secret } from "./secret.ts";
import { badCursor, type More, RECUT } from "./take.ts";
import { quotable } from "./text.ts";
import type { Tool } from "./tool.ts";

export type Result =
  | { readonly ok: true; readonly value: Record<string, unknown>; readonly json: string; readonly bytes: number }
  | { readonly ok: false; readonly error: ToolError };

export interface CallOptions<Client> {
  readonly args: unknown;
  readonly client: Client;
  readonly call: Call;
  /** Most characters of the result's JSON: 40,000 fit the 25,000 tokens that hosts allow. */
  readonly cap?: number;
  /** Secrets that must not leave, beside the tool's own secret inputs. */
  readonly hide?: readonly Secret[];
}

const CAP = 40_000;

/**
 * Runs one tool and never throws. What comes out is named by the tool's output, without nulls, invisible characters and secrets,
 * and small enough; whether the caller may call is decided before.
 */
export async function callTool<Client>(
  tool: Tool<Client>,
  { args, client, call, cap = CAP, hide = [] }: CallOptions<Client>,
): Promise<Result> {
  try {
    const parsed = parseInput(tool, args);
    if (!parsed.ok) return parsed;
    const answer = await tool.run(openCursor(tool, parsed.value), client, call);
    const value = finish(tool, parsed.value, answer, { cap, hide });
    const json = JSON.stringify(value);
    return { ok: true, value, json, bytes: Buffer.byteLength(json) };
  } catch (error) {
    return { ok: false, error: asToolError(error, call.signal) };
  }
}

/** The arguments as the tool takes them, or one sentence for each that is wrong. Values are not repeated. */
export function parseInput(
  tool: Pick<Tool, "input">,
  args: unknown,
): { ok: true; value: Record<string, unknown> } | { ok: false; error: ToolError } {
  const parsed = tool.input.safeParse(args ?? {});
  if (parsed.success) return { ok: true, value: parsed.data };
  const fields = parsed.error.issues
    .slice(0, 10)
    .map((issue) => ({ field: quotable(issue.path.join("."), 100), message: sentence(issue) }));
  const message = fields.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join("; ");
  return { ok: false, error: new ToolError("INVALID_INPUT", `${message}.`, { fields }) };
}

/** zod's own sentence names what is expected; the names of unknown arguments come from the caller and are shortened. */
const sentence = (issue: z.core.$ZodIssue) =>
  issue.code === "unrecognized_keys"
    ? `unknown argument ${issue.keys
        .slice(0, 5)
        .map((key) => `'${quotable(key, 60)}'`)
        .join(", ")}`
    : quotable(issue.message.replace(/^Invalid input: /, ""), 200);

function finish<Client>(
  tool: Tool<Client>,
  input: Record<string, unknown>,
  answer: object,
  { cap, hide }: { cap: number; hide: readonly Secret[] },
): Record<string, unknown> {
  const named = project(tool.output, answer);
  if (named === undefined) throw new ToolError("VENDOR_UNEXPECTED", "The vendor's answer lacks what this tool needs.");
  const secrets = [...hide, ...secretInputs(tool, input)];
  const safe = clean(named, secrets, { shapes: tool.access !== "reveal" });
  const hidden = redact(safe, tool.redact ?? []) as Record<string, unknown>; // the output's root is an object
  const recut = (answer as Partial<More>)[RECUT];
  const fitting = fitTo(cap, hidden, tool.lists, recut);
  if (!fitting) throw new ToolError("TOO_LARGE", `The result is larger than ${cap} characters, even shortened.`);
  return typeof fitting["next_cursor"] === "string"
    ? { ...fitting, next_cursor: closeCursor(tool, input, fitting["next_cursor"]) }
    : fitting;
}

const secretInputs = <Client>(tool: Tool<Client>, input: Record<string, unknown>): Secret[] =>
  (tool.secrets ?? []).flatMap((name) => (typeof input[name] === "string" ? [new Secret(input[name])] : []));

const MARK_LENGTH = 12;

/** A cursor belongs to one tool and one set of arguments; this mark in front of it says which. It finds mistakes, it keeps no secret. */
const markOf = <Client>(
  tool: Tool<Client>,
  { cursor: _cursor, limit: _limit, ...query }: Record<string, unknown>,
  place: string,
) =>
  createHash("sha256")
    .update(canonicalJson([tool.name, query, place]))
    .digest("base64url")
    .slice(0, MARK_LENGTH);

const closeCursor = <Client>(tool: Tool<Client>, input: Record<string, unknown>, place: string) =>
  markOf(tool, input, place) + place;

/** @throws ToolError INVALID_INPUT when the cursor is of another query */
function openCursor<Client>(tool: Tool<Client>, input: Record<string, unknown>): Record<string, unknown> {
  if (typeof input["cursor"] !== "string") return input;
  const place = input["cursor"].slice(MARK_LENGTH);
  if (input["cursor"] !== closeCursor(tool, input, place)) throw badCursor();
  return { ...input, cursor: place };
}

function asToolError(error: unknown, signal: AbortSignal | undefined): ToolError {
  if (error instanceof ToolError) return error;
  if (signal?.aborted) return abortError(signal);
  return new ToolError("INTERNAL", "Internal error.", { cause: error });
}
