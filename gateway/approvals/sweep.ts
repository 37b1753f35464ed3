import type { AuditEvent } from "../audit/audit.ts";
import { type Approval, changeApproval, expiredApprovals, finishApproval, overdueRuns } from "../database/approvals.ts";
import type { ApprovalHouse } from "./request.ts";

/**
 * Says of runs that did not say how they ended that nobody knows; they are never repeated.
 * @param all also those that may still be under way: at the start of the only process there are none
 * @returns how many
 */
export async function giveUpRuns(house: ApprovalHouse, { all }: { readonly all: boolean }): Promise<number> {
  const { db, audit, clock } = house;
  const overdue = await overdueRuns(db, all ? undefined : clock.now());
  for (const run of overdue)
    await audit.atomically(async (trx, record) => {
      const { id, org_id: org } = run;
      if (await finishApproval(trx, { id, org }, "unknown", clock.now()))
        await record(eventOf(run, "approval.unknown", "error"));
    });
  return overdue.length;
}

/** Ends requests that nobody decided in time, and approvals that nobody used. */
export async function expireRequests({ db, audit, clock }: ApprovalHouse): Promise<number> {
  const expired = await expiredApprovals(db, clock.now());
  for (const request of expired)
    await audit.atomically(async (trx, record) => {
      if (await changeApproval(trx, request, { status: "expired" }))
        await record(eventOf(request, "approval.expire", "success"));
    });
  return expired.length;
}

const eventOf = (row: Approval, type: string, status: AuditEvent["status"]): AuditEvent => ({
  org: row.org_id,
  type,
  actor: { id: "approvals", type: "system" },
  client: row.client_id,
  vendor: row.vendor,
  tool: row.tool,
  tier: row.access,
  status,
  approval: row.id,
  policyVersion: row.policy_version,
  ...(row.consumed_call_id && { callId: row.consumed_call_id }),
});
