/**
 * What the gateway does with a tool for a caller: not even shown, shown but the token needs more scopes,
 * shown but a person has to approve each call, or shown and called.
 */
export type Verdict = "hide" | "step_up" | "approve" | "allow";

/** Why. Stable: it is written to the audit log with every decision. */
export type Rule =
  | "unclassified"
  | "not-in-lock"
  | "other-tenant"
  | "other-vendor"
  | "writes-off"
  | "approvals-missing"
  | "scope-missing"
  | "approval-needed"
  | "allowed";

export interface Decision {
  readonly verdict: Verdict;
  readonly rule: Rule;
}

export type Access = "read" | "write" | "destroy" | "reveal";

export interface ToolFacts {
  readonly vendor: string;
  /** Missing when nobody classified the tool; such a tool does not exist for anybody. */
  readonly access: Access | undefined;
  /** A person is to be asked before every call, whatever the access. */
  readonly asks?: boolean;
  readonly hash: string;
}

export interface CallerFacts {
  readonly orgId: string;
  /** The vendor the token was issued for. */
  readonly vendor: string;
  readonly scopes: ReadonlySet<string>;
}

export interface OrgPolicy {
  readonly orgId: string;
  /** Off in a new organisation, which is read-only until its owner says otherwise. */
  readonly writesEnabled: boolean;
  /** Whether a person can be asked about a single call. Without that, what destroys or reveals stays hidden. */
  readonly approvals: boolean;
  /** Hashes of the tools that were reviewed and committed. */
  readonly lock: ReadonlySet<string>;
}

/**
 * The one rule. It filters the list, admits the call, and serves every way in alike.
 * Listed means every verdict but "hide": a missing scope keeps a tool listed, so that clients can step up.
 */
export function decide(tool: ToolFacts, caller: CallerFacts, policy: OrgPolicy): Decision {
  const { access } = tool;
  if (!access) return { verdict: "hide", rule: "unclassified" };
  if (!policy.lock.has(tool.hash)) return { verdict: "hide", rule: "not-in-lock" };
  if (caller.orgId !== policy.orgId) return { verdict: "hide", rule: "other-tenant" };
  if (caller.vendor !== tool.vendor) return { verdict: "hide", rule: "other-vendor" };
  if (changesSomething(access) && !policy.writesEnabled) return { verdict: "hide", rule: "writes-off" };
  if (needsApproval(tool) && !policy.approvals) return { verdict: "hide", rule: "approvals-missing" };
  if (!scopesFor(tool.vendor, access).every((scope) => caller.scopes.has(scope)))
    return { verdict: "step_up", rule: "scope-missing" };
  return needsApproval(tool) ? { verdict: "approve", rule: "approval-needed" } : { verdict: "allow", rule: "allowed" };
}

/** The complete set of scopes a call needs. Write and reveal never stand alone. */
export function scopesFor(vendor: string, access: Access): readonly [string, ...string[]] {
  const read = `${vendor}:read`;
  if (access === "read") return [read];
  return [read, access === "reveal" ? `${vendor}:reveal` : `${vendor}:write`];
}

export const changesSomething = (access: Access) => access === "write" || access === "destroy";

const needsApproval = ({ access, asks }: ToolFacts) => access === "destroy" || access === "reveal" || asks === true;
