import type { RequestInfo } from "../../runtime/index.ts";
import type { Span } from "../traces/span.ts";
import type { Call, CallRequest, Outcome } from "./call.ts";

/** The part of a trace that is this call; `undefined` where no traces are made. */
export function beginCall({ entry, span, traceParent }: CallRequest): Span | undefined {
  const { name: tool, access } = entry.tool;
  return span?.child(`tools/call ${tool}`, { vendor: entry.owner.slug, tool, access }, traceParent);
}

export function endCall({ span }: Call, outcome: Outcome): void {
  const { status: ended, rule } = outcome;
  const end = outcome.ok ? { bytes: outcome.bytes } : { code: outcome.error.code };
  span?.end({ outcome: ended, rule, ...end }, ended === "error" || ended === "timeout");
}

/** Hears of each request that a call makes to a vendor. */
export const noteRequests =
  ({ waited, span }: Call) =>
  ({ method, template, status, ms }: RequestInfo): void => {
    waited.note(ms);
    span?.past(`${method} ${template}`, ms, { method, template, status }, status === undefined || status >= 400);
  };
