import type { AuthInfo } from "@modelcontextprotocol/server";
import type { FastifyRequest } from "fastify";
import type { Span } from "../traces/span.ts";

/** One `tools/call` of a JSON-RPC body, as far as it can be trusted to have that shape. */
export interface ToolCall {
  readonly name: string;
  readonly args: unknown;
  /** What the client says in `_meta` about the trace it is part of (2026-07-28). */
  readonly traceParent: unknown;
}

/** The SDK refuses longer ones whole. */
const LONGEST_BATCH = 100;

/** The tools a body calls: one of a request, several of a batch, which only old clients send. */
export function toolCalls(body: unknown): ToolCall[] {
  const messages: unknown[] = Array.isArray(body) ? body.slice(0, LONGEST_BATCH) : [body];
  return messages.flatMap((message) => toolCall(message) ?? []);
}

/** Whether a body asks for the list of tools. */
export const isListing = (body: unknown): boolean => isObject(body) && body["method"] === "tools/list";

/** The id that an answer to this body has to have; null where there is none. */
export function answerableId(body: unknown): string | number | null {
  if (!isObject(body) || typeof body["method"] !== "string") return null;
  const { id } = body;
  return typeof id === "string" || typeof id === "number" ? id : null;
}

function toolCall(message: unknown): ToolCall | undefined {
  if (!isObject(message) || message["method"] !== "tools/call" || !isObject(message["params"])) return undefined;
  const { name, arguments: args, _meta: meta } = message["params"];
  return typeof name === "string"
    ? { name, args, traceParent: isObject(meta) ? meta["traceparent"] : undefined }
    : undefined;
}

/** Passes what the route knows to the server it makes for this request. */
export function withRequest(auth: AuthInfo, { id: requestId, body, span }: Passed): AuthInfo {
  const sole = Array.isArray(body) ? undefined : toolCall(body);
  const traced = span && { span, traceParent: sole?.traceParent };
  return { ...auth, extra: { ...auth.extra, requestId, soleTool: sole?.name, ...traced } };
}

type Passed = Pick<FastifyRequest, "id" | "body" | "span">;

export const traceOf = (auth: AuthInfo | undefined): { span?: Span; traceParent?: unknown } => ({
  span: auth?.extra?.["span"] as Span | undefined, // as `withRequest` put it there
  traceParent: auth?.extra?.["traceParent"],
});

export const requestIdOf = (auth: AuthInfo | undefined): string => String(auth?.extra?.["requestId"] ?? "");

export const soleToolOf = (auth: AuthInfo | undefined): string | undefined =>
  auth?.extra?.["soleTool"] as string | undefined;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
