import type { CallToolResult } from "@modelcontextprotocol/server";
import { describe } from "../../runtime/index.ts";
import type { CallResult } from "../calls/call.ts";

/** Where a result names the yes it ran on. */
const META_APPROVAL = "vendorsmith/approval";

/**
 * Structured for programs, the same as text for clients that read only text. An error is one text that says what
 * happened, what to do and when to try again.
 */
export function toolResult(result: CallResult): CallToolResult {
  if (!result.ok) return { content: [{ type: "text", text: describe(result.error) }], isError: true };
  const { json, value, waiting, approval } = result;
  return {
    content: [{ type: "text", text: json }],
    structuredContent: value,
    ...(approval && !waiting && { _meta: { [META_APPROVAL]: approval } }),
  };
}
