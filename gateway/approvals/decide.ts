import { type Approval, changeApproval, findApproval } from "../database/approvals.ts";
import { connectionVersions, membersWithRoles, personBehind } from "../database/approvers.ts";
import type { Db } from "../database/index.ts";
import { currentVersion } from "../database/policies.ts";
import { rolesWith } from "../policy/roles.ts";
import { sealNote } from "./content.ts";
import type { ApprovalHouse } from "./request.ts";
import { type Decider, mayApprove, mayDeny } from "./who.ts";

export interface Deciding {
  readonly org: string;
  readonly id: string;
  readonly answer: "approve" | "deny";
  readonly by: Decider & { readonly actorType?: "user" | "service" };
  readonly note: string;
  readonly requestId?: string;
}

export type Decided =
  | { readonly kind: "approved" | "denied"; readonly approval: Approval }
  /** Not there for this person. */
  | { readonly kind: "unknown" }
  /** Decided, used or expired meanwhile. */
  | { readonly kind: "over"; readonly approval: Approval }
  /** Policy or connection changed since: a yes would be for something else. */
  | { readonly kind: "outdated" }
  | { readonly kind: "refused"; readonly why: "somebody-else" | "role" | "fresh" };

/** Says yes or no. Of several who decide at once the first counts. */
export async function decide(house: ApprovalHouse, deciding: Deciding): Promise<Decided> {
  const { audit, box, clock } = house;
  const { org, id, answer, by, note, requestId } = deciding;
  return await audit.atomically(async (trx, record): Promise<Decided> => {
    const now = clock.now();
    const approval = await findApproval(trx, { id, org });
    if (!approval || !mayDeny(approval, by)) return { kind: "unknown" };
    if (approval.status !== "pending" || approval.expires_at <= now) return { kind: "over", approval };
    const event = {
      org,
      actor: { id: by.id, type: by.actorType ?? ("user" as const) },
      client: approval.client_id,
      vendor: approval.vendor,
      tool: approval.tool,
      tier: approval.access,
      approval: id,
      policyVersion: approval.policy_version,
      requestId,
    };
    if (answer === "approve" && (await isOutdated(trx, approval))) {
      await changeApproval(trx, approval, { status: "revoked" });
      await record({ ...event, type: "approval.outdated", status: "success" });
      return { kind: "outdated" };
    }
    const asked = await behind(trx, approval);
    const others = await othersThan(trx, asked);
    const verdict = answer === "deny" ? DENYING : mayApprove(asked, by, { others, now });
    if (!verdict.may) return { kind: "refused", why: verdict.why };
    const changed = await changeApproval(trx, approval, {
      status: answer === "approve" ? "approved" : "denied",
      rule: verdict.rule,
      approver_id: by.id,
      approver_role: by.role,
      note_box: await sealNote(box, approval, note),
      decided_at: now,
      // A yes waits as long for the call as the request waited for the yes; a no is repeated as long.
      expires_at: now + (approval.expires_at - approval.created_at),
    });
    if (!changed) return { kind: "over", approval };
    await record({
      ...event,
      type: `approval.${answer}`,
      status: "success",
      ...(verdict.rule && { rule: verdict.rule }),
      detail: { waitedMs: now - approval.created_at },
    });
    return { kind: answer === "approve" ? "approved" : "denied", approval: changed };
  });
}

const DENYING = { may: true, rule: null } as const;

/** Whether a yes would be for something else by now. */
export async function isOutdated(trx: Db, { org_id, policy_version, connections }: Approval): Promise<boolean> {
  if ((await currentVersion(trx, org_id)) !== policy_version) return true;
  const ids = connections.split(" ").map((one) => one.slice(0, one.lastIndexOf("@")));
  return (await connectionVersions(trx, org_id, ids)) !== connections;
}

/** With the person behind it as who asks: for a program, whoever made that. */
export const behind = async (db: Db, approval: Approval): Promise<Approval> => ({
  ...approval,
  user_id: await personBehind(db, approval.org_id, approval.user_id),
});

/** How many besides the one who asks may say yes. */
export async function othersThan(db: Db, { org_id, user_id }: Pick<Approval, "org_id" | "user_id">): Promise<number> {
  const approvers = await membersWithRoles(db, org_id, rolesWith("approve"));
  return approvers.filter(({ id }) => id !== user_id).length;
}
