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
  | "extended-off"
  | "writes-off"
  | "approvals-missing"
  | "scope-missing"
  | "approval-needed"
  | "too-many"
  | "allowed";

export interface Decision {
  readonly verdict: Verdict;
  readonly rule: Rule;
}

export type Access = "read" | "write" | "destroy" | "reveal";

/** What a tool asks of one vendor. */
export interface Part {
  readonly vendor: string;
  readonly access: Access;
}

export interface ToolFacts {
  /** The vendors it asks: one, or several for a tool across vendors. */
  readonly parts: readonly Part[];
  /** Missing when nobody classified the tool; such a tool does not exist for anybody. */
  readonly access: Access | undefined;
  /** A person is to be asked before every call, whatever the access. */
  readonly asks?: boolean;
  /** One operation of a vendor's as it is, which an organisation has to switch on first. */
  readonly extended?: boolean;
  readonly hash: string;
}

export interface CallerFacts {
  readonly orgId: string;
  /** The vendors that the token reaches: the one it was issued for, or all that the person has connected. */
  readonly reach: Pick<ReadonlySet<string>, "has">;
  readonly scopes: ReadonlySet<string>;
}

export interface OrgPolicy {
  readonly orgId: string;
  /** Off in a new organisation, which is read-only until its owner says otherwise. */
  readonly writesEnabled: boolean;
  /** Vendors whose extended tools are on; none in a new organisation. */
  readonly extended: Pick<ReadonlySet<string>, "has">;
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
  if (partsFor(tool, caller).length === 0) return { verdict: "hide", rule: "other-vendor" };
  if (tool.extended && !tool.parts.every(({ vendor }) => policy.extended.has(vendor)))
    return { verdict: "hide", rule: "extended-off" };
  if (changesSomething(access) && !policy.writesEnabled) return { verdict: "hide", rule: "writes-off" };
  if (needsApproval(tool) && !policy.approvals) return { verdict: "hide", rule: "approvals-missing" };
  if (!scopesNeeded(tool, caller).every((scope) => caller.scopes.has(scope)))
    return { verdict: "step_up", rule: "scope-missing" };
  return needsApproval(tool) ? { verdict: "approve", rule: "approval-needed" } : { verdict: "allow", rule: "allowed" };
}

/** Of a tool across vendors, what it asks of vendors out of reach is left out, and the tool says so. */
export const partsFor = ({ parts }: Pick<ToolFacts, "parts">, { reach }: Pick<CallerFacts, "reach">): Part[] =>
  parts.filter(({ vendor }) => reach.has(vendor));

/** The scopes that this caller needs for the tool. */
export const scopesNeeded = (
  tool: Pick<ToolFacts, "parts">,
  caller: Pick<CallerFacts, "reach">,
): [string, ...string[]] =>
  partsFor(tool, caller).flatMap(({ vendor, access }) => scopesFor(vendor, access)) as [string, ...string[]]; // a listed tool has a part

/** The complete set of scopes one vendor's part needs. Write and reveal never stand alone. */
export function scopesFor(vendor: string, access: Access): readonly [string, ...string[]] {
  const read = `${vendor}:read`;
  if (access === "read") return [read];
  return [read, access === "reveal" ? `${vendor}:reveal` : `${vendor}:write`];
}

export const changesSomething = (access: Access) => access === "write" || access === "destroy";

const needsApproval = ({ access, asks }: ToolFacts) => access === "destroy" || access === "reveal" || asks === true;
