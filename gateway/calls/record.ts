import { type JsonSchema, ToolError } from "../../runtime/index.ts";
import { changesSomething } from "../policy/decide.ts";
import type { Call, CallAudit, CallSupport, Outcome } from "./call.ts";

/**
 * Written before anything opens a credential: a change that nobody could trace later is not made.
 * @throws ToolError AUDIT_UNAVAILABLE when the row cannot be written
 */
export async function noteStarted({ audit, log }: CallSupport, call: Call) {
  try {
    await audit.record({ ...about(audit, call), status: "started", rule: "allowed" });
  } catch (cause) {
    log.error({ callId: call.id, requestId: call.requestId }, "audit row not written, call refused");
    throw new ToolError("AUDIT_UNAVAILABLE", `${call.entry.tool.name} was not run.`, { cause });
  }
}

/**
 * One row per call, denials included. The vendor has answered by now, so a failing log cannot undo anything:
 * the answer goes out, and a change remains visible as started. The answer to a read does not wait for the row.
 */
export async function noteFinished({ audit, log }: CallSupport, call: Call, outcome: Outcome, ms: number) {
  const isChange = changesSomething(call.entry.tool.access);
  const written = (isChange ? audit.record : audit.recordSoon)({
    ...about(audit, call),
    status: outcome.status,
    rule: outcome.rule,
    durationMs: Math.round(ms),
    ...(outcome.connectionId && { connection: outcome.connectionId }),
    ...(outcome.ok
      ? { resultHash: audit.hash(call.caller.orgId, outcome.value), detail: { bytes: outcome.bytes } }
      : { detail: { code: outcome.error.code } }),
  }).catch(() => log.error({ callId: call.id, requestId: call.requestId }, "audit row not written, call was over"));
  if (isChange) await written;
}

function about(audit: CallAudit, { id, caller, entry, args, requestId }: Call) {
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
