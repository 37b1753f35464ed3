import { z } from "zod";
import { annotationsOf, parseInput, ToolError } from "../../runtime/index.ts";
import { newCallId } from "../database/ids.ts";
import { outageOf } from "../database/unavailable.ts";
import { mayLookAfter, roleWithin } from "../policy/roles.ts";
import type { CallResult, CallSupport } from "./call.ts";
import type { Caller } from "./caller.ts";
import type { ToolDefinition } from "./catalog.ts";
import { WINDOW_MS } from "./limits.ts";
import { databaseAway } from "./outcome.ts";

const input = z.strictObject({ approval_id: z.string().max(64) });

/**
 * The one tool of the gateway itself: how a call that waited stands. It decides nothing and is no vendor's, so it is in no
 * vendor's lock; its definition is part of this code and reviewed with it.
 */
export const STATUS_TOOL: ToolDefinition = {
  name: "get_approval_status",
  title: "Approval status",
  description: "Whether a waiting call was approved.",
  inputSchema: {
    type: "object",
    properties: { approval_id: { type: "string" } },
    required: ["approval_id"],
    additionalProperties: false,
  },
  outputSchema: { type: "object" },
  annotations: { ...annotationsOf("read", true), openWorldHint: false },
};

interface Asked {
  readonly caller: Caller;
  readonly args: unknown;
  readonly requestId: string;
}

/** Who asked may look, and approvers of the same organisation; to everybody else the id is unknown. */
export const approvalStatus = (support: CallSupport, asked: Asked): Promise<CallResult> =>
  answer(support, asked).catch((error: unknown) => {
    const outage = outageOf(error);
    if (!outage) throw error;
    return refused(databaseAway(outage));
  });

async function answer(support: CallSupport, { caller, args, requestId }: Asked): Promise<CallResult> {
  const { orgId: org, userId } = caller;
  const { allowed, retryAfterSeconds } = await support.limit(`calls:${org}:${userId}:approvals`, {
    max: support.budgets.calls,
    windowMs: WINDOW_MS,
  });
  if (!allowed) return refused(new ToolError("RATE_LIMITED", "These were many questions.", { retryAfterSeconds }));
  const parsed = parseInput({ input, access: "read" }, args);
  if (!parsed.ok) return refused(parsed.error);
  const id = String(parsed.value["approval_id"]);
  const mayAll = caller.actorType === "user" && mayLookAfter(roleWithin(caller.role, caller.limited), "approve");
  const found = await support.approvals.status({ id, org, ...(!mayAll && { user: userId }) });
  await note(support, caller, requestId, found ? id : undefined);
  if (!found)
    return refused(new ToolError("INVALID_INPUT", "There is no such approval.", { advice: "Repeat the call itself." }));
  const json = JSON.stringify(found);
  return { ok: true, value: { ...found }, json, bytes: Buffer.byteLength(json) };
}

const refused = (error: ToolError): CallResult => ({ ok: false, error });

/** A read like any other leaves its row, and does not wait for it. */
async function note(
  { audit, log }: CallSupport,
  { orgId, userId, actorType, clientId, grantId }: Caller,
  requestId: string,
  approval: string | undefined,
) {
  const event = {
    org: orgId,
    type: "tool.call",
    actor: { id: userId, type: actorType },
    client: clientId,
    grant: grantId,
    tool: STATUS_TOOL.name,
    tier: "read",
    status: approval === undefined ? ("error" as const) : ("success" as const),
    rule: "allowed",
    parameters: ["approval_id"],
    ...(approval !== undefined && { approval }),
    requestId,
    callId: newCallId(),
  };
  audit.recordSoon(event).catch(() => log.error({ requestId }, "audit row not written, call was over"));
}
