import type { Approval } from "../database/approvals.ts";
import { mayLookAfter, type Role } from "../policy/roles.ts";

/** Who wants to decide, as their browser session or their token proves. */
export interface Decider {
  readonly id: string;
  readonly role: Role;
  /** When they last showed who they are, in milliseconds. */
  readonly signedInAt: number;
}

/** For what is dangerous: whoever decides must be the person, not somebody who found their browser open. */
export const FRESH_MS = 5 * 60_000;

export type MayApprove =
  | { readonly may: true; readonly rule: NonNullable<Approval["rule"]> }
  | { readonly may: false; readonly why: "somebody-else" | "role" | "fresh" };

/**
 * Whether this person may say yes to this request.
 * @param others how many members besides the one who asks may approve: with nobody else, somebody with the right may do so
 *   alone, after signing in anew
 */
export function mayApprove(
  { user_id, needs, fresh }: Pick<Approval, "user_id" | "needs" | "fresh">,
  { id, role, signedInAt }: Decider,
  { others, now }: { readonly others: number; readonly now: number },
): MayApprove {
  const isOwn = id === user_id;
  const isApprover = mayLookAfter(role, "approve");
  if (!isOwn && !isApprover) return { may: false, why: "role" };
  const alone = isOwn && needs === "other";
  if (alone && (!isApprover || others > 0)) return { may: false, why: "somebody-else" };
  if ((fresh === 1 || alone) && now - signedInAt >= FRESH_MS) return { may: false, why: "fresh" };
  return { may: true, rule: isOwn ? (alone ? "alone" : "self") : "other" };
}

/** Saying no is always possible to who asks, and to every approver. */
export const mayDeny = ({ user_id }: Pick<Approval, "user_id">, { id, role }: Omit<Decider, "signedInAt">): boolean =>
  id === user_id || mayLookAfter(role, "approve");
