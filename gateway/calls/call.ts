import {
  callTool,
  type Deadline,
  deadlineAfter,
  newCall,
  parseInput,
  type Removed,
  type Suspicion,
  type ToolError,
} from "../../runtime/index.ts";
import type { Audit } from "../audit/audit.ts";
import { changesSomething, type Decision } from "../policy/decide.ts";
import { elsewhere, type Regions } from "../policy/regions.ts";
import { during, type Span } from "../traces/span.ts";
import { type ApprovalDesk, askPerson, whoIsAsked } from "./approve.ts";
import type { Caller } from "./caller.ts";
import { type Catalog, type CatalogTool, decisionFor } from "./catalog.ts";
import type { Seen } from "./customers.ts";
import { Denied, missingScope, noCustomers, noTenant, otherRegion } from "./denied.ts";
import { hidden, isRefusedOften } from "./deny.ts";
import type { CountCall } from "./figures.ts";
import type { KeptAnswers } from "./kept.ts";
import { type Budgets, keepLimits, type Limit } from "./limits.ts";
import { cutShort, failed, notConnected, succeeded } from "./outcome.ts";
import { noteFinished, noteStarted } from "./record.ts";
import { redactionRules } from "./redaction.ts";
import { suspicionsOf } from "./suspicion.ts";
import { beginCall, endCall } from "./traced.ts";
import type { Waited } from "./waited.ts";

export interface CallRequest {
  readonly caller: Caller;
  readonly catalog: Catalog;
  readonly entry: CatalogTool;
  readonly args: unknown;
  readonly requestId: string;
  /** The trace it is part of, where traces are made. */
  readonly span?: Span;
  /** Where the caller gave this call a `traceparent` of its own. */
  readonly traceParent?: unknown;
  /** Fires when whoever asked has gone away. */
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, total?: number, message?: string) => void;
}

export interface Call extends CallRequest {
  readonly id: string;
  /** For vendors, so far. */
  readonly waited: Waited;
  /** What has left for a vendor, so far. */
  readonly sent: { change: boolean };
}

export type CallAudit = Pick<Audit, "record" | "recordSoon" | "hash">;

/** What a call needs of the house, so that it can be read and tested without the house. */
export interface CallSupport {
  readonly audit: CallAudit;
  readonly limit: Limit;
  readonly budgets: Budgets;
  readonly regions: Regions;
  readonly log: Record<"info" | "error", (facts: object, text: string) => void>;
  now(): number;
  /** Fires when the process cannot wait any longer. */
  readonly stop: AbortSignal;
  /** Keeps the process, and what a call needs of it, until the call has ended and that is written down. */
  during<Result>(work: () => Promise<Result>): Promise<Result>;
  /** The vendor's client with the caller's credential opened, or undefined when there is no connection. */
  open(call: Call, signal: AbortSignal): Promise<Opened | undefined>;
  /** Where this caller, and nobody else, may connect the vendor. */
  connectLink(caller: Caller, vendor: string): string;
  readonly approvals: ApprovalDesk;
  /** Hears of each call that is over. */
  readonly count?: CountCall;
  /** Without it every call is asked for. */
  readonly kept?: KeptAnswers;
}

export interface Opened {
  readonly client: unknown;
  readonly connectionId: string;
  /** Of a caller who is limited to some customers: what was left out, and what the cursors of these customers are closed with. */
  readonly limit?: { seen(): Seen; readonly cursorSeals: readonly string[] };
  /** Of several vendors, those that did not answer so far, by title. */
  unanswered?(): string[];
  /** Shown to the owner of the connection: when it last worked, or what was wrong. */
  noteOutcome(error?: ToolError): Promise<void>;
}

/** Where the person can connect what is missing. */
export interface ConnectOffer {
  readonly vendor: string;
  readonly title: string;
  readonly url: string;
}

/** Where a person can say yes. */
export interface ApprovalOffer {
  readonly id: string;
  readonly title: string;
  readonly url: string;
}

export type CallResult = (
  | {
      readonly ok: true;
      readonly value: Record<string, unknown>;
      readonly json: string;
      readonly bytes: number;
      /** Nothing ran: the value says that a person is asked. */
      readonly waiting?: ApprovalOffer;
      /** The yes on which it ran. */
      readonly approval?: string;
      /** What was hidden, by class or rule. */
      readonly removed?: Removed;
      /** The vendor was not asked: it is an answer of so many seconds ago. */
      readonly cached?: { readonly ageSeconds: number };
    }
  | { readonly ok: false; readonly error: ToolError; readonly connect?: ConnectOffer }
) & {
  /** Names of the customers that the answer was limited to. */
  readonly limitedTo?: readonly string[];
  /** Titles of vendors that did not answer, where others did. */
  readonly unanswered?: readonly string[];
};

export type Outcome = CallResult & {
  readonly status: "success" | "error" | "timeout" | "denied" | "pending_approval";
  readonly rule: string;
  readonly connectionId?: string;
  /** The request or the yes it was about. */
  readonly approval?: string;
  /** What was allowed beforehand and let it run. */
  readonly standing?: string;
  /** It ran on somebody's yes: what is known of how it ended. */
  readonly ran?: "succeeded" | "failed" | "unknown";
  readonly seen?: Seen;
  /** What looked suspicious about the arguments. */
  readonly marks?: readonly Suspicion[];
  /** A refusal that is on record already. */
  readonly repeated?: boolean;
};

/** Below the 300 s that hosts wait, so that the answer is ours. */
export const DEADLINE_MS = 240_000;

/** One tool call from start to end. Every way in, MCP or another, enters here. Never rejects. */
export const callFor = (support: CallSupport, request: CallRequest): Promise<CallResult> =>
  support.during(() => callTo(support, request));

async function callTo(support: CallSupport, request: CallRequest): Promise<CallResult> {
  const call = beginCall(request);
  const started = performance.now();
  const outcome = await steps(support, call).catch((thrown: unknown) => failed(support, call, thrown));
  const ms = performance.now() - started;
  if (!outcome.repeated) await noteFinished(support, call, outcome, ms);
  logCall(support, call, outcome, ms);
  support.count?.(call, outcome, ms);
  endCall(call, outcome);
  return outcome;
}

async function steps(support: CallSupport, call: Call): Promise<Outcome> {
  requireTenant(call);
  requireHome(call, support.regions);
  const decision = await during(call.span, "policy", () => admit(support, call));
  await during(call.span, "limits", () =>
    keepLimits(support.limit, support.budgets, call.caller, call.entry, support.now()),
  );
  const input = readArguments(call);
  const marks = suspicionsOf(call, input);
  const needs = whoIsAsked(decision, call, input);
  const run = () => runOrRecall(support, call, input);
  if (needs) return { ...(await askPerson(support, call, { input, needs, run })), marks };
  if (changesSomething(call.entry.tool.access)) await noteStarted(support, call);
  return { ...(await run()), marks };
}

function requireTenant({ caller }: Call) {
  if (!caller.orgId || !caller.userId) throw new Denied("no-tenant", noTenant());
}

function requireHome({ caller }: Call, regions: Regions) {
  const reason = elsewhere(caller.home, regions);
  if (reason) throw new Denied("region", otherRegion(reason));
}

/** The rule that made the list, asked again: the list a client holds may be older than the policy. */
async function admit(support: CallSupport, { caller, catalog, entry }: Call): Promise<Decision> {
  const decision = decisionFor(entry, caller, catalog);
  const { verdict, rule } = decision;
  const { name } = entry.tool;
  const repeated = verdict === "hide" && (await isRefusedOften(support, caller));
  if (verdict === "hide") throw new Denied(rule, hidden(entry, caller, decision), { repeated });
  if (caller.limited && !caller.customers?.ids.length) throw new Denied("customer-none", noCustomers(caller.orgName));
  if (verdict === "step_up") throw new Denied(rule, missingScope(name));
  return decision;
}

function readArguments({ entry, args }: Call) {
  const parsed = parseInput(entry.tool, args);
  if (!parsed.ok) throw parsed.error;
  return parsed.value;
}

/** Around the one run of a tool: an answer of before may do for a read, and a change ends those. */
function runOrRecall(support: CallSupport, call: Call, input: unknown): Promise<Outcome> {
  const run = () => runTool(support, call);
  if (!support.kept) return run();
  return changesSomething(call.entry.tool.access)
    ? support.kept.change(call, run)
    : support.kept.read(call, input, run);
}

async function runTool(support: CallSupport, call: Call): Promise<Outcome> {
  const deadline = deadlineAfter(DEADLINE_MS, call.signal, support.stop);
  try {
    return await runWithin(support, call, deadline);
  } finally {
    deadline.end();
  }
}

async function runWithin(support: CallSupport, call: Call, deadline: Deadline): Promise<Outcome> {
  const { signal } = deadline;
  const opened = await support.open(call, signal);
  if (!opened) return notConnected(support, call);

  const context = newCall({ signal, now: support.now, progress: call.progress });
  const result = await callTool(call.entry.tool, {
    args: call.args,
    client: opened.client,
    call: context,
    cursorSeals: opened.limit?.cursorSeals,
    redaction: redactionRules(call.caller.policy.document),
  });
  await opened.noteOutcome(result.ok ? undefined : result.error);
  const outcome = result.ok ? succeeded(result) : failed(support, call, cutShort(result.error, deadline));
  const { customers } = call.caller;
  const unanswered = outcome.ok ? (opened.unanswered?.() ?? []) : [];
  return {
    ...outcome,
    connectionId: opened.connectionId,
    seen: opened.limit?.seen(),
    ...(customers && { limitedTo: customers.names }),
    ...(unanswered.length > 0 && { unanswered }),
  };
}

/** The one line a call leaves in the log: who, what, how it ended; never what was asked or answered. */
function logCall({ log }: CallSupport, { caller, entry, id, requestId, span }: Call, outcome: Outcome, ms: number) {
  const { orgId: org, userId: user } = caller;
  const end = outcome.ok ? { code: "OK", bytes: outcome.bytes } : { code: outcome.error.code, bytes: 0 };
  const facts = {
    org,
    user,
    vendor: entry.owner.slug,
    tool: entry.tool.name,
    ...end,
    ms: Math.round(ms),
    callId: id,
    requestId,
    ...(span && { traceId: span.traceId }),
  };
  log.info(facts, "tool call");
}
