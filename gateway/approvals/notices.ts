import type { Approval } from "../database/approvals.ts";
import { membersWithRoles } from "../database/approvers.ts";
import { newId } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import { addLetters, findNotices, type Letter } from "../database/outbox.ts";
import type { ApprovalNoticesRow } from "../database/schema.ts";
import { rolesWith } from "../policy/roles.ts";

/** Who is told by mail: nobody, those who have to decide for somebody else, or every approver about every request. */
export const MAIL = { never: 0, "for-others": 1, always: 2 } as const;

export const DEFAULT_NOTICES: Omit<ApprovalNoticesRow, "org_id"> = { webhook: 0, mail: MAIL["for-others"] };

/** Puts down who is to be told about a new request. What they are told is made when it is sent. */
export async function tellApprovers(
  trx: Db,
  approval: Approval,
  { mails, now }: { readonly mails: boolean; readonly now: number },
): Promise<void> {
  const { org_id, user_id, needs } = approval;
  const { webhook, mail } = (await findNotices(trx, org_id)) ?? DEFAULT_NOTICES;
  const letter = (way: Letter["way"], user: string | null): Letter => ({
    id: newId("msg"),
    org_id,
    way,
    user_id: user,
    type: "approval.requested",
    subject: approval.id,
    tries: 0,
    due_at: now,
    created_at: now,
  });
  const told = mails && (mail === MAIL.always || (mail === MAIL["for-others"] && needs === "other"));
  const approvers = told ? await membersWithRoles(trx, org_id, rolesWith("approve")) : [];
  const others = approvers.filter(({ id }) => id !== user_id);
  await addLetters(trx, [...(webhook ? [letter("webhook", null)] : []), ...others.map(({ id }) => letter("mail", id))]);
}
