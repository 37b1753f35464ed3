import type { Call } from "./call-context.ts";
import { fitTo } from "./cap.ts";
import { clean } from "./clean.ts";
import { closeCursor, openCursor } from "./cursor.ts";
import { abortError, ToolError } from "./errors.ts";
import { parseInput } from "./input.ts";
import { project } from "./project.ts";
import {
  DEFAULT_RULES,
  type Redacted,
  type RedactionRules,
  type Removed,
  redactError,
  redactFor,
} from "./redaction.ts";
import { Secret } from "./secret.ts";
import { type More, RECUT } from "./take.ts";
import type { Tool } from "./tool.ts";

export type Result =
  | {
      readonly ok: true;
      readonly value: Record<string, unknown>;
      readonly json: string;
      readonly bytes: number;
      /** How often something was hidden in it, by what hid it. */
      readonly removed: Removed;
    }
  | { readonly ok: false; readonly error: ToolError };

export interface CallOptions<Client> {
  readonly args: unknown;
  readonly client: Client;
  readonly call: Call;
  /** Most characters of the result's JSON: 40,000 fit the 25,000 tokens that hosts allow. */
  readonly cap?: number;
  /** Secrets that must not leave, beside the tool's own secret inputs. */
  readonly hide?: readonly Secret[];
  /** What the organisation hides from a model; keys and passwords always are. */
  readonly redaction?: RedactionRules;
  /**
   * Secret, and others for each set of customers: the first closes a cursor, and it opens under the one that closed it. Several while
   * the key behind them is being replaced.
   */
  readonly cursorSeals?: readonly string[];
}

const CAP = 40_000;

/**
 * Runs one tool and never throws. What comes out is named by the tool's output, without nulls, invisible characters and secrets,
 * and small enough; whether the caller may call is decided before.
 */
export async function callTool<Client>(
  tool: Tool<Client>,
  { args, client, call, cap = CAP, hide = [], redaction = DEFAULT_RULES, cursorSeals }: CallOptions<Client>,
): Promise<Result> {
  try {
    const parsed = parseInput(tool, args);
    if (!parsed.ok) return parsed;
    const { value: input } = parsed;
    const given = input["cursor"];
    const cursor = typeof given === "string" ? openCursor(tool, input, given, cursorSeals) : undefined;
    const answer = await tool.run(cursor === undefined ? input : { ...input, cursor }, client, call);
    const { value, removed } = finish(tool, input, answer, { cap, hide, redaction, cursorSeals });
    const json = JSON.stringify(value);
    return { ok: true, value, json, bytes: Buffer.byteLength(json), removed };
  } catch (error) {
    return { ok: false, error: redactError(redaction, asToolError(error, call.signal)) };
  }
}

type FinishOptions = Required<Pick<CallOptions<unknown>, "cap" | "hide" | "redaction">> &
  Pick<CallOptions<unknown>, "cursorSeals">;

/** The answer as it may leave: what the output names, cleaned, shortened, and with a cursor that belongs to this query. */
function finish<Client>(
  tool: Tool<Client>,
  input: Record<string, unknown>,
  answer: object,
  { cap, hide, redaction, cursorSeals }: FinishOptions,
): Redacted {
  const named = project(tool.output, answer) as Record<string, unknown> | undefined; // the output's root is an object
  if (!named) throw new ToolError("VENDOR_UNEXPECTED", "The vendor's answer lacks what this tool needs.");
  const { next_cursor: place, ...parts } = named;
  const secrets = [...hide, ...secretInputs(tool, input)];
  const { value, removed } = redactFor(redaction, tool, clean(parts, secrets) as typeof parts);
  const whole = { ...value, ...(place !== undefined && { next_cursor: place }) };
  const fitting = fitTo(cap, whole, tool.lists, (answer as Partial<More>)[RECUT]);
  if (!fitting) throw new ToolError("TOO_LARGE", `The result is larger than ${cap} characters, even shortened.`);
  const { next_cursor: next } = fitting;
  const own = typeof next === "string" && { next_cursor: closeCursor(tool, input, next, cursorSeals?.[0]) };
  return { value: { ...fitting, ...own }, removed };
}

const secretInputs = <Client>(tool: Tool<Client>, input: Record<string, unknown>): Secret[] =>
  (tool.secrets ?? []).flatMap((name) => (typeof input[name] === "string" ? [new Secret(input[name])] : []));

function asToolError(error: unknown, signal: AbortSignal | undefined): ToolError {
  if (error instanceof ToolError) return error;
  if (signal?.aborted) return abortError(signal);
  return new ToolError("INTERNAL", "Internal error.", { cause: error });
}
