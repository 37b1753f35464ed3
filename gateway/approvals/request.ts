import { ToolError } from "../../runtime/index.ts";
import type { Audit, AuditEvent } from "../audit/audit.ts";
import { countPending } from "../database/approval-inbox.ts";
import {
  type Approval,
  addApproval,
  approvalsOfCall,
  changeApproval,
  consumeApproval,
  expireApprovals,
  finishApproval,
  outdatedApprovals,
} from "../database/approvals.ts";
import { newId } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import { findUser } from "../database/users.ts";
import type { Access } from "../policy/decide.ts";
import { type BoundCall, callHash, connectionsText, wishHash } from "./bind.ts";
import { type Box, openContent, openNote, sealContent } from "./content.ts";
import type { Preview } from "./preview.ts";
import { admittedBeforehand } from "./standing.ts";

/** What approvals need of the gateway; the Fastify instance has all of it but the box, which is its vault's. */
export interface ApprovalHouse {
  readonly db: Db;
  readonly audit: Pick<Audit, "hash" | "atomically">;
  readonly clock: { now(): number };
  readonly box: Box;
  /** Puts down whoever is to be told of a new request, in the transaction that stores it. */
  tell?(trx: Db, approval: Approval): Promise<void>;
  /** That transaction is over. */
  told?(): void;
}

/** A call that needs a yes. */
export interface AskedCall extends BoundCall {
  readonly callId: string;
  readonly clientName: string;
  readonly vendor: string;
  readonly access: Access;
  readonly needs: Approval["needs"];
  readonly fresh: boolean;
  readonly waitMs: number;
  /** How long the run may take. */
  readonly runMs: number;
  readonly requestId: string;
  /** Whether what was allowed beforehand may count: not where the tool itself wants a person. */
  readonly standing: boolean;
  /** What is written in the same transaction as the use of a yes. */
  readonly started: AuditEvent;
  preview(): Promise<Preview>;
}

export type Admission =
  /** Somebody said yes, and this call has used it up: it has to be made now, and by nobody else ever. */
  | { readonly kind: "admitted"; readonly approval: string }
  /** It was allowed beforehand, and this is one of the uses. */
  | { readonly kind: "beforehand"; readonly standing: string }
  | { readonly kind: "waiting"; readonly approval: Approval; readonly preview: Preview }
  | { readonly kind: "denied"; readonly approval: Approval; readonly by: string; readonly note?: string };

/** What stands about this call; without anything, a request is made. */
export async function admission(house: ApprovalHouse, call: AskedCall): Promise<Admission> {
  const { db, clock, box } = house;
  const hash = callHash(house.audit, call);
  const now = clock.now();
  const known = await approvalsOfCall(db, call.org, hash);
  const current = known.find(({ expires_at }) => expires_at > now);
  if (current?.status === "approved" && (await use(house, call, current)))
    return { kind: "admitted", approval: current.id };
  const standing = call.standing ? await admittedBeforehand(house, call) : undefined;
  if (standing) return { kind: "beforehand", standing };
  if (current?.status === "denied")
    return { kind: "denied", approval: current, by: await decider(db, current), note: await openNote(box, current) };
  const waiting = current?.status === "pending" ? current : await request(house, call, hash);
  // Erased between two statements: there is nobody left to ask for.
  const content = await openContent(box, waiting);
  if (!content) throw new Error("A request without its content.");
  return { kind: "waiting", approval: waiting, preview: content.preview };
}

/** The requester is of the same organisation, so a name may be said. */
async function decider(db: Db, { approver_id, approver_role }: Approval): Promise<string> {
  const person = approver_id === null ? undefined : await findUser(db, approver_id);
  return `${person?.name || "Somebody"} (${approver_role ?? "member"})`;
}

/** Uses a yes up, together with the row that says the call was begun: both, or neither. */
async function use({ audit, clock }: ApprovalHouse, call: AskedCall, approval: Approval): Promise<boolean> {
  return await audit.atomically(async (trx, record) => {
    const now = clock.now();
    const used = await consumeApproval(trx, approval, { call: call.callId, now, until: now + call.runMs });
    if (!used) return false; // another repetition was first
    await record({ ...call.started, approval: approval.id });
    return true;
  });
}

async function request(house: ApprovalHouse, call: AskedCall, hash: string): Promise<Approval> {
  const { audit, box, clock, db } = house;
  const now = clock.now();
  const waiting = await countPending(db, { org: call.org, user: call.user, approves: false }, now);
  if (waiting >= MOST_WAITING) throw tooMany();
  const made = await call.preview();
  const id = newId("apr");
  const row: Approval = {
    ...blank,
    id,
    org_id: call.org,
    user_id: call.user,
    client_id: call.client,
    client_name: call.clientName,
    vendor: call.vendor,
    tool: call.tool,
    access: call.access,
    tool_hash: call.toolHash,
    connections: connectionsText(call.connections),
    policy_version: call.policyVersion,
    call_hash: hash,
    wish_hash: wishHash(audit, call),
    needs: call.needs,
    fresh: call.fresh ? 1 : 0,
    expires_at: now + call.waitMs,
    created_at: now,
  };
  const outdated = await outdatedApprovals(db, row, now);
  const preview = {
    ...made,
    ...(await before(house, row)),
    ...(outdated[0] && { outdated: reason(outdated[0], row) }),
  };
  const sealed = { ...row, box: await sealContent(box, row, { input: call.input, preview }) };
  const stored = await audit.atomically(async (trx, record) => {
    await expireApprovals(trx, now, row);
    for (const old of outdated) await changeApproval(trx, old, { status: "revoked" });
    if (!(await addApproval(trx, sealed))) return false;
    await record(eventOf(sealed, call));
    await house.tell?.(trx, sealed);
    return true;
  });
  if (stored) house.told?.();
  if (stored) return sealed;
  const other = (await approvalsOfCall(db, call.org, hash)).find(({ status }) => status === "pending" || status === "approved"); // biome-ignore format: one thought
  if (!other) throw new Error("A request that neither waits nor could be stored.");
  return other;
}

/** Of one person or program: nobody reads more, and a loop must not bury what others ask, nor fill their mail. */
const MOST_WAITING = 50;

const tooMany = () =>
  new ToolError("RATE_LIMITED", `${MOST_WAITING} calls wait for a person already, and this one was not added.`, {
    advice: "Nothing was changed. Ask the person to decide about those first.",
  });

const blank = {
  box: "",
  status: "pending",
  rule: null,
  approver_id: null,
  approver_role: null,
  note_box: null,
  decided_at: null,
  consumed_call_id: null,
  consumed_at: null,
  run_until: null,
  outcome: null,
  finished_at: null,
} as const;

/** The newest run of this very call, so that whoever is asked again knows. */
async function before({ db, clock }: ApprovalHouse, { org_id, call_hash }: Approval) {
  const runs = await approvalsOfCall(db, org_id, call_hash);
  const last = runs.find(({ status }) => status === "consumed");
  if (!last) return {};
  return { earlier: { id: last.id, at: last.consumed_at!, outcome: OUTCOMES[outcomeOf(last, clock.now())] } };
}

/** A run that should have ended and did not say how: nobody knows, whether or not that was noted yet. */
export function outcomeOf({ outcome, run_until }: Approval, now: number): NonNullable<Approval["outcome"]> {
  return outcome === "started" && run_until! <= now ? "unknown" : (outcome ?? "unknown");
}

export const OUTCOMES = {
  started: "it is under way",
  succeeded: "it succeeded",
  failed: "it failed",
  unknown: "how it ended is unknown, so check before repeating it",
} as const;

/** Why what was asked or allowed before does not fit this call. */
function reason(old: Approval, row: Approval): string {
  const what =
    old.policy_version !== row.policy_version
      ? "the organisation's policy has changed"
      : old.connections !== row.connections
        ? "the connection was replaced"
        : "the tool has changed";
  return `An earlier ${old.status === "approved" ? "approval" : "request"} no longer counts, because ${what} since.`;
}

function eventOf(row: Approval, { requestId, callId, started }: AskedCall): AuditEvent {
  const { actor, grant } = started;
  return {
    org: row.org_id,
    type: "approval.request",
    actor,
    client: row.client_id,
    grant,
    vendor: row.vendor,
    tool: row.tool,
    tier: row.access,
    status: "pending_approval",
    rule: row.needs,
    approval: row.id,
    policyVersion: row.policy_version,
    requestId,
    callId,
  };
}

/** Notes how the run of a yes ended, together with its audit event. */
export async function finish(
  { audit, clock }: ApprovalHouse,
  {
    id,
    org,
    outcome,
  }: { readonly id: string; readonly org: string; readonly outcome: "succeeded" | "failed" | "unknown" },
  finished: AuditEvent,
): Promise<void> {
  await audit.atomically(async (trx, record) => {
    await finishApproval(trx, { id, org }, outcome, clock.now());
    await record(finished);
  });
}
