import type { RequestInfo } from "../../runtime/index.ts";
import { newCallId } from "../database/ids.ts";
import type { Call, CallRequest, Outcome } from "./call.ts";
import { createWaited } from "./waited.ts";

/** A request as the call that it becomes, with its own part of the trace where traces are made. */
export function beginCall(request: CallRequest): Call {
  const { entry, span: above, traceParent } = request;
  const { name: tool, access } = entry.tool;
  const span = above?.child(`tools/call ${tool}`, { vendor: entry.owner.slug, tool, access }, traceParent);
  return { ...request, id: newCallId(), waited: createWaited(), sent: { change: false }, span };
}

export function endCall({ span }: Call, outcome: Outcome): void {
  const { status: ended, rule } = outcome;
  const end = outcome.ok ? { bytes: outcome.bytes } : { code: outcome.error.code };
  span?.end({ outcome: ended, rule, ...end }, ended === "error" || ended === "timeout");
}

/** Hears of the requests that a call makes to a vendor. */
export const noteRequests = ({ waited, sent, span }: Call) => ({
  onChange() {
    sent.change = true;
  },
  onRequest({ method, template, status, ms }: RequestInfo) {
    waited.note(ms);
    span?.past(`${method} ${template}`, ms, { method, template, status }, status === undefined || status >= 400);
  },
});
