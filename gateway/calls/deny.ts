import { newId } from "../database/ids.ts";
import type { Call, CallRequest, CallSupport } from "./call.ts";
import { decisionFor } from "./catalog.ts";
import { missingScope, unknownTool } from "./denied.ts";
import { WINDOW_MS } from "./limits.ts";
import { noteFinished } from "./record.ts";

/**
 * Records a call that the protocol layer answers by itself: a hidden tool, which looks like an unknown one, or a missing
 * scope, which is a challenge. Allowed calls are not its business. A minute records as many as it would allow.
 */
export async function noteDenied(support: CallSupport, request: CallRequest): Promise<void> {
  const { verdict, rule } = decisionFor(request.entry, request.caller, request.catalog);
  if (verdict !== "hide" && verdict !== "step_up") return;
  const { orgId, userId } = request.caller;
  const use = await support.limit(`refused:${orgId}:${userId}`, { max: support.budgets.calls, windowMs: WINDOW_MS });
  if (!use.allowed) return;
  const call: Call = { ...request, id: newId("call") };
  const { name } = request.entry.tool;
  const error = verdict === "hide" ? unknownTool(name) : missingScope(name);
  await noteFinished(support, call, { ok: false, error, status: "denied", rule }, 0);
}
