import type { CallToolResult } from "@modelcontextprotocol/server";
import { describe } from "../../runtime/index.ts";
import type { CallResult } from "../calls/call.ts";

/**
 * Structured for programs, the same as text for clients that read only text. An error is one text that says what
 * happened, what to do and when to try again.
 */
export function toolResult(result: CallResult): CallToolResult {
  if (result.ok) return { content: [{ type: "text", text: result.json }], structuredContent: result.value };
  return { content: [{ type: "text", text: describe(result.error) }], isError: true };
}
