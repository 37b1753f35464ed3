import { webhookTarget } from "../audit/org-webhook.ts";
import { postWebhook } from "../audit/standard-webhook.ts";
import { findApproval } from "../database/approvals.ts";
import { orgNameOf } from "../database/approvers.ts";
import type { Letter } from "../database/outbox.ts";
import { namesOf } from "../database/people-names.ts";
import { findUser } from "../database/users.ts";
import { mailAbout, messageAbout } from "./letters.ts";
import type { ApprovalHouse } from "./request.ts";

export interface Ways {
  readonly product: string;
  readonly publicUrl: string;
  readonly fetch: typeof globalThis.fetch;
  /** Undefined where no mail server is configured. */
  readonly mail?: (mail: { to: string; subject: string; text: string; html: string; id: string }) => Promise<void>;
  /** What people call a tool and its vendor. */
  titleOf(vendor: string, tool: string): { readonly title: string; readonly vendor: string };
}

/** Sends one letter about a request, unless it was decided or expired meanwhile: then nobody has to be told any more. */
export async function sendNotice({ db, box, clock }: ApprovalHouse, letter: Letter, ways: Ways): Promise<void> {
  const { org_id: org, subject: id } = letter;
  const approval = await findApproval(db, { id, org });
  if (approval?.status !== "pending" || approval.expires_at <= clock.now()) return;
  const url = `${ways.publicUrl}/approvals/${id}`;
  if (letter.way === "webhook") {
    const target = await webhookTarget(db, box, org);
    if (!target) return;
    const message = { id: letter.id, type: letter.type, body: messageAbout(approval, { url }) };
    return await postWebhook(target, message, { fetch: ways.fetch, now: () => clock.now() });
  }
  const to = letter.user_id === null ? undefined : await findUser(db, letter.user_id);
  if (!to || to.disabled_at !== null || to.erased_at !== null || !ways.mail) return;
  const names = await namesOf(db, org, [approval.user_id]);
  const organisation = await orgNameOf(db, org);
  const named = {
    product: ways.product,
    organisation,
    ...ways.titleOf(approval.vendor, approval.tool),
    person: names.get(approval.user_id) ?? "a program",
    url,
  };
  await ways.mail({ to: to.email, id: letter.id, ...mailAbout(approval, named) });
}
