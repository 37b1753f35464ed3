import { type JsonSchema, ToolError } from "../../runtime/index.ts";
import type { AuditEvent } from "../audit/audit.ts";
import { outageOf } from "../database/unavailable.ts";
import { changesSomething } from "../policy/decide.ts";
import type { Call, CallAudit, CallSupport, Outcome } from "./call.ts";
import { marksOf } from "./suspicion.ts";

/**
 * Written before anything opens a credential: a change that nobody could trace later is not made.
 * @throws ToolError AUDIT_UNAVAILABLE when the row cannot be written
 */
export async function noteStarted({ audit, log }: CallSupport, call: Call) {
  try {
    await audit.record(startedEvent(audit, call));
  } catch (cause) {
    throw notRecorded(log, call, cause);
  }
}

export const startedEvent = (audit: CallAudit, call: Call): AuditEvent => ({
  ...about(audit, call),
  status: "started",
  rule: "allowed",
});

export function notRecorded(log: CallSupport["log"], call: Call, cause: unknown): ToolError {
  log.error({ callId: call.id, requestId: call.requestId }, "audit row not written, call refused");
  const retryAfterSeconds = outageOf(cause)?.retryAfterSeconds;
  return new ToolError("AUDIT_UNAVAILABLE", `${call.entry.tool.name} was not run.`, {
    cause,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

/**
 * One row per call, denials included. The vendor has answered by now, so a failing log cannot undo anything:
 * the answer goes out, and a change remains visible as started. The answer to a read does not wait for the row.
 */
export async function noteFinished(support: CallSupport, call: Call, outcome: Outcome, ms: number) {
  const { audit, log } = support;
  const isChange = changesSomething(call.entry.tool.access) || outcome.approval !== undefined;
  const event = finishedEvent(audit, call, outcome, ms);
  const written = write(support, call, outcome, event).catch(() =>
    log.error({ callId: call.id, requestId: call.requestId }, "audit row not written, call was over"),
  );
  if (isChange) await written;
}

/** How a run on somebody's yes ended is noted on that yes as well, or on neither. */
async function write({ audit, approvals }: CallSupport, { caller, entry }: Call, outcome: Outcome, event: AuditEvent) {
  const { ran, approval } = outcome;
  if (ran && approval) return await approvals.finish({ id: approval, org: caller.orgId, outcome: ran }, event);
  return await (changesSomething(entry.tool.access) ? audit.record : audit.recordSoon)(event);
}

const finishedEvent = (audit: CallAudit, call: Call, outcome: Outcome, ms: number): AuditEvent => ({
  ...about(audit, call),
  status: outcome.status,
  rule: outcome.rule,
  durationMs: Math.round(ms),
  ...(outcome.connectionId && { connection: outcome.connectionId }),
  ...(outcome.approval && { approval: outcome.approval }),
  ...(outcome.seen?.customer && { customer: outcome.seen.customer }),
  ...(outcome.ok && !outcome.waiting && { resultHash: audit.hash(call.caller.orgId, outcome.value) }),
  detail: detailOf(outcome),
});

function detailOf(outcome: Outcome): Record<string, unknown> {
  const { marks = [], seen, standing } = outcome;
  return {
    ...(outcome.ok ? { bytes: outcome.bytes } : { code: outcome.error.code }),
    ...(outcome.ok && Object.keys(outcome.removed ?? {}).length > 0 && { removed: outcome.removed }),
    ...(outcome.ok && outcome.cached && { cached: true, ageSeconds: outcome.cached.ageSeconds }),
    ...(marks.length > 0 && { marks: marksOf(marks) }),
    ...(seen?.dropped && { dropped: seen.dropped }),
    ...(standing !== undefined && { standing }),
  };
}

function about(audit: CallAudit, { id, caller, entry, args, requestId, span }: Call) {
  const { userId, actorType, orgId, clientId, grantId, audience, policy } = caller;
  const { name, access } = entry.tool;
  return {
    org: orgId,
    type: "tool.call",
    actor: { id: userId, type: actorType },
    client: clientId,
    grant: grantId,
    audience,
    scopes: scopesAbout(entry, caller),
    policyVersion: policy.version,
    vendor: entry.owner.slug,
    tool: name,
    tier: access,
    parameters: givenNames(entry.definition.inputSchema, args),
    argsHash: audit.hash(orgId, args ?? {}),
    requestId,
    callId: id,
    ...(span && { traceId: span.traceId }),
  };
}

/** Of what the token was granted, what concerns this tool. */
function scopesAbout({ facts }: Call["entry"], { scopes }: Call["caller"]): string[] {
  const vendors = new Set(facts.parts.map(({ vendor }) => vendor));
  return [...scopes].filter((scope) => vendors.has(scope.slice(0, scope.lastIndexOf(":")))).sort();
}

/** Only names that we declared: any other is a text of the caller's choice. */
const givenNames = ({ properties }: JsonSchema, args: unknown): string[] =>
  Object.keys(Object(properties)).filter((name) => Object.hasOwn(Object(args), name));
