import type { Db } from "../database/index.ts";
import { addPolicy, currentVersion, findPolicy, switchTool } from "../database/policies.ts";
import { DEFAULT_POLICY, type PolicyDocument } from "../policy/document.ts";
import { compile, type OrgPolicy } from "../policy/policy.ts";
import type { IdentityContext } from "./context.ts";
import { IdentityError } from "./errors.ts";
import { checkPolicy, readPolicy } from "./policy-document.ts";

/** Policies ready for deciding. A version never changes, so the one that a request names may be kept. */
export interface Policies {
  of(org: string, version: number): Promise<OrgPolicy>;
}

/** One per organisation: nobody asks for the versions of before. */
const MOST_KEPT = 5000;

export function createPolicies(db: Db): Policies {
  const kept = new Map<string, OrgPolicy>();
  return {
    async of(org, version) {
      const known = kept.get(org);
      if (known?.version === version) return known;
      const policy = await loadPolicy(db, org, version);
      kept.delete(org);
      kept.set(org, policy);
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
      return policy;
    },
  };
}

/** A version nobody wrote is that of a new organisation. */
async function loadPolicy(db: Db, org: string, version: number): Promise<OrgPolicy> {
  const row = await findPolicy(db, org, version);
  return compile(org, version, row ? readPolicy(row.document) : DEFAULT_POLICY);
}

/** What holds now. @throws Error for an organisation that is not there */
export async function policyOf(db: Db, org: string): Promise<OrgPolicy> {
  const version = await currentVersion(db, org);
  if (version === undefined) throw new Error("No such organisation.");
  return await loadPolicy(db, org, version);
}

export interface PolicyChange {
  readonly org: string;
  /** Whether the actor may do so is decided by the caller. */
  readonly actor: string;
  readonly actorType?: "user" | "service";
  /** `policy.<what>`, for the audit log. */
  readonly type: string;
  readonly requestId?: string;
  /** Ids and flags for the audit log. */
  readonly detail?: Record<string, unknown>;
  readonly vendor?: string;
  readonly tool?: string;
  /** The policy as it should be; the same object when nothing is to change. */
  change(document: PolicyDocument): PolicyDocument;
}

/**
 * Puts a new version in force, together with its audit event. Of two people who change at once each change is kept: the later one
 * is made upon the earlier.
 * @returns the version in force afterwards
 * @throws z.ZodError when the new document is not one
 */
export async function changePolicy(
  { audit, clock }: Pick<IdentityContext, "audit" | "clock">,
  { org, actor, actorType = "user", type, requestId, detail, vendor, tool, change }: PolicyChange,
): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const version = await audit.atomically(async (trx, record) => {
      const before = await policyOf(trx, org);
      const wanted = change(before.document);
      if (wanted === before.document) return before.version;
      const document = checkPolicy(wanted);
      const next = before.version + 1;
      const row = { org_id: org, version: next, document: JSON.stringify(document), created_by: actor };
      if (!(await addPolicy(trx, { ...row, created_at: clock.now() }))) return undefined;
      await record({
        org,
        type,
        actor: { id: actor, type: actorType },
        status: "success",
        vendor,
        tool,
        requestId,
        detail: { ...detail, changed: changedKeys(before.document, document), policyVersion: next },
      });
      return next;
    });
    if (version !== undefined) return version;
  }
  throw new IdentityError("BUSY", "Somebody else is changing the policy at this moment. Try again.");
}

const MOST_TRIES = 5;

const changedKeys = (before: PolicyDocument, after: PolicyDocument): string[] =>
  (Object.keys(after) as (keyof PolicyDocument)[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );

/** Switches a tool on or off for every organisation, at the next request. */
export async function switchToolForAll(
  { audit }: Pick<IdentityContext, "audit">,
  { tool, on, org }: { tool: string; on: boolean; org: string },
): Promise<void> {
  await audit.atomically(async (trx, record) => {
    await switchTool(trx, tool, on);
    const actor = { id: "operator", type: "system" } as const;
    await record({ org, type: "policy.tool-for-all", actor, status: "success", tool, detail: { enabled: on } });
  });
}
