import { type Approval, findApproval } from "../database/approvals.ts";
import { type ApprovalHouse, outcomeOf } from "./request.ts";

/** How a call that waited stands, for whoever calls: roles instead of names. */
export interface ApprovalStatus {
  readonly status: string;
  readonly tool: string;
  readonly decided_by?: string;
  readonly expires_at: string;
  readonly outcome?: string;
  readonly next: string;
}

/** @param asked `user`: only what this person asked for */
export async function statusOf(
  { db, clock }: ApprovalHouse,
  { id, org, user }: { readonly id: string; readonly org: string; readonly user?: string },
): Promise<ApprovalStatus | undefined> {
  const row = await findApproval(db, { id, org });
  return row && (user === undefined || row.user_id === user) ? statusIn(row, clock.now()) : undefined;
}

export function statusIn(row: Approval, now: number): ApprovalStatus {
  const isOver = (row.status === "pending" || row.status === "approved") && row.expires_at <= now;
  const status = isOver ? "expired" : row.status;
  return {
    status,
    tool: row.tool,
    ...(row.approver_role && { decided_by: row.approver_role }),
    expires_at: new Date(row.expires_at).toISOString(),
    ...(status === "consumed" && { outcome: outcomeOf(row, now) }),
    next: NEXT[status],
  };
}

const NEXT: Readonly<Record<"pending" | "approved" | "denied" | "consumed" | "expired" | "revoked", string>> = {
  pending: "A person has not decided yet.",
  approved: "Repeat the call with the same arguments: it runs once.",
  denied: "Nothing was changed. Tell the person.",
  consumed: "The call was made; it is not made again.",
  expired: "Repeat the call to ask anew.",
  revoked: "Policy or connection changed. Repeat the call to ask anew.",
};
