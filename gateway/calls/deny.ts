import type { ToolError } from "../../runtime/index.ts";
import { outageOf } from "../database/unavailable.ts";
import type { Decision } from "../policy/decide.ts";
import { inWords, mayBeTold } from "../policy/words.ts";
import type { CallRequest, CallSupport, Outcome } from "./call.ts";
import type { Caller } from "./caller.ts";
import { type CatalogTool, decisionFor } from "./catalog.ts";
import { missingScope, refusedByPolicy, unknownTool } from "./denied.ts";
import { WINDOW_MS } from "./limits.ts";
import { noteFinished } from "./record.ts";
import { beginCall, endCall } from "./traced.ts";

/** What a caller reads who calls a tool that is not in their list: why, unless even that it exists is none of their business. */
export function hidden({ tool }: CatalogTool, caller: Caller, decision: Decision): ToolError {
  if (!mayBeTold(decision)) return unknownTool(tool.name);
  const { orgName: organisation, role, clientName: client, policy } = caller;
  return refusedByPolicy(inWords(decision, { tool: tool.name, organisation, role, client }, policy));
}

/** Whether this tool, which the caller's list does not have, is to be refused in words rather than as unknown. */
export const isTold = ({ entry, caller, catalog }: Pick<CallRequest, "entry" | "caller" | "catalog">): boolean =>
  mayBeTold(decisionFor(entry, caller, catalog));

/** A minute records as many refusals of a caller as it would allow calls: a loop must not fill the audit log. */
export async function isRefusedOften({ limit, budgets }: CallSupport, { orgId, userId }: Caller): Promise<boolean> {
  const use = await limit(`refused:${orgId}:${userId}`, { max: budgets.calls, windowMs: WINDOW_MS });
  return !use.allowed;
}

/**
 * Records a call that the protocol layer answers by itself: a tool that is unknown to this caller, or a missing
 * scope, which is a challenge. Allowed calls are not its business.
 */
export async function noteDenied(support: CallSupport, request: CallRequest): Promise<void> {
  const { verdict, rule } = decisionFor(request.entry, request.caller, request.catalog);
  if (verdict !== "hide" && verdict !== "step_up") return;
  const isOften = await isRefusedOften(support, request.caller).catch((error: unknown) => {
    if (!outageOf(error)) throw error;
    support.log.error({ requestId: request.requestId }, "audit row not written, call was refused");
    return true;
  });
  if (isOften) return;
  const call = beginCall(request);
  const { name } = request.entry.tool;
  const error = verdict === "hide" ? unknownTool(name) : missingScope(name);
  const outcome: Outcome = { ok: false, error, status: "denied", rule };
  support.count?.(call, outcome, 0);
  endCall(call, outcome);
  await noteFinished(support, call, outcome, 0);
}
