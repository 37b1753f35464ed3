import type { Db } from "../../gateway/database/index.ts";
import { changePolicy, policyOf } from "../../gateway/identity/policies.ts";
import { DEFAULT_POLICY, type PolicyDocument } from "../../gateway/policy/document.ts";
import { compile, type OrgPolicy } from "../../gateway/policy/policy.ts";

/** A policy that differs from a new organisation's in what is named. */
export const policyWith = (changes: Partial<PolicyDocument> = {}, org = "org_1", version = 1): OrgPolicy =>
  compile(org, version, { ...DEFAULT_POLICY, ...changes });

/** Nobody is asked about what only writes. */
export const WRITES_UNASKED = { ...DEFAULT_POLICY.approvals, write: "none" } as const;

export const SWITCHED_ON = { write: true, destroy: true, reveal: true } as const;

/** What an organisation has decided, and under which version. */
export async function decidedBy(db: Db, org: string): Promise<PolicyDocument & { version: number }> {
  const { document, version } = await policyOf(db, org);
  return { ...document, version };
}

/** For tests and measurements that are about something else: changes are on, and nobody is asked about each. */
export async function letChange(
  app: Parameters<typeof changePolicy>[0],
  { org, actor, on = true }: { org: string; actor: string; on?: boolean },
): Promise<void> {
  await changePolicy(app, {
    org,
    actor,
    type: "policy.writes",
    change: (policy) => ({
      ...policy,
      switches: { ...policy.switches, write: on },
      approvals: { ...policy.approvals, write: "none" },
    }),
  });
}
