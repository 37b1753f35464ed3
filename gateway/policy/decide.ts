import type { Approval, DataClass } from "./document.ts";
import type { OrgPolicy } from "./policy.ts";
import type { Role } from "./roles.ts";
import { isOpen } from "./windows.ts";

/**
 * What the gateway does with a tool for a caller: not even shown, shown but the token needs more scopes,
 * shown but a person has to approve each call, or shown and called.
 */
export type Verdict = "hide" | "step_up" | "approve" | "allow";

/** Why. Stable: it is written to the audit log with every decision; words.ts says each in a sentence. */
export type Rule =
  | "unclassified"
  | "not-in-lock"
  | "other-tenant"
  | "other-vendor"
  | "tool-off-everywhere"
  | "tool-off"
  | "version-held"
  | "client-blocked"
  | "role"
  | "extended-off"
  | "writes-off"
  | "destroys-off"
  | "reveals-off"
  | "blocked"
  | "unlisted"
  | "data-class"
  | "customer-unbounded"
  | "window"
  | "scope-missing"
  | "approval-needed"
  | "too-many"
  | "allowed";

export interface Decision {
  readonly verdict: Verdict;
  readonly rule: Rule;
  /** Of an approval: who has to give it. */
  readonly approval?: Exclude<Approval, "none">;
  /** Of a block: the permission that says so. */
  readonly permission?: string;
}

export type Access = "read" | "write" | "destroy" | "reveal";

/** What a tool asks of one vendor. */
export interface Part {
  readonly vendor: string;
  readonly access: Access;
}

export interface ToolFacts {
  readonly name: string;
  /** The vendors it asks: one, or several for a tool across vendors. */
  readonly parts: readonly Part[];
  /** Missing when nobody classified the tool; such a tool does not exist for anybody. */
  readonly access: Access | undefined;
  readonly tags: readonly string[];
  /** A person is to be asked before every call, whatever the access. */
  readonly asks?: boolean;
  /** One operation of a vendor's as it is, which an organisation has to switch on first. */
  readonly extended?: boolean;
  /** Of a tool whose whole answer is of one class of data. */
  readonly class?: DataClass;
  /** It cannot be kept to some customers, so people who are limited to some do not get it. */
  readonly unbounded?: boolean;
  readonly hash: string;
}

export interface CallerFacts {
  readonly orgId: string;
  readonly role: Role;
  readonly clientId: string;
  /** What kind of client it is, as its authentication tells: never what it says of itself in a request. */
  readonly agentType: string;
  /** The vendors that the token reaches: the one it was issued for, or all that the person has connected. */
  readonly reach: Pick<ReadonlySet<string>, "has">;
  readonly scopes: ReadonlySet<string>;
  /** The person is limited to some customers. */
  readonly limited: boolean;
}

/** What holds whoever calls. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Hashes of the tools that were reviewed and committed. */
  readonly lock: ReadonlySet<string>;
  /** Tools that the operator has switched off for everybody. */
  readonly toolsOff: Pick<ReadonlySet<string>, "has">;
}

/** All that a question may look at. */
export interface Asked {
  readonly tool: ToolFacts;
  readonly access: Access;
  readonly caller: CallerFacts;
  readonly policy: OrgPolicy;
  readonly circumstances: Circumstances;
}

/** One question of the rule: a decision ends it, undefined goes on to the next. */
export type Question = (asked: Asked) => Decision | undefined;

/**
 * The one rule. It filters the list, admits the call, and serves every way in alike.
 * Listed means every verdict but "hide": a missing scope keeps a tool listed, so that clients can step up.
 */
export function decide(
  tool: ToolFacts,
  caller: CallerFacts,
  policy: OrgPolicy,
  circumstances: Circumstances,
): Decision {
  const { access } = tool;
  if (!access) return hide("unclassified");
  const asked = { tool, access, caller, policy, circumstances };
  for (const question of IN_ORDER) {
    const decision = question(asked);
    if (decision) return decision;
  }
  return ALLOWED;
}

export const hide = (rule: Rule, permission?: string): Decision => ({
  verdict: "hide",
  rule,
  ...(permission !== undefined && { permission }),
});

export const ALLOWED: Decision = { verdict: "allow", rule: "allowed" };

/** The rule: these questions, in this order. The first that decides has the last word. */
export const QUESTIONS = {
  // Whether the tool is there at all, for this tenant and token.
  reviewed: ({ tool, circumstances: { lock } }) => (lock.has(tool.hash) ? undefined : hide("not-in-lock")),
  tenant: ({ caller, policy }) => (caller.orgId === policy.orgId ? undefined : hide("other-tenant")),
  vendor: ({ tool, caller }) =>
    tool.parts.some(({ vendor }) => caller.reach.has(vendor)) ? undefined : hide("other-vendor"),
  // What the operator and the organisation have switched.
  everywhere: ({ tool, circumstances: { toolsOff } }) =>
    toolsOff.has(tool.name) ? hide("tool-off-everywhere") : undefined,
  tool: ({ tool, policy }) => (policy.toolsOff.has(tool.name) ? hide("tool-off") : undefined),
  version: ({ tool, policy: { document } }) =>
    document.accepted && document.accepted[tool.name] !== tool.hash ? hide("version-held") : undefined,
  client: ({ caller: { clientId }, policy: { blockedClients, onlyClients } }) =>
    blockedClients.has(clientId) || (onlyClients.size > 0 && !onlyClients.has(clientId))
      ? hide("client-blocked")
      : undefined,
  role: ({ access, caller, policy }) => (policy.mayAccess[caller.role].has(access) ? undefined : hide("role")),
  extended: ({ tool, policy }) =>
    tool.extended && !tool.parts.every(({ vendor }) => policy.extended.has(vendor)) ? hide("extended-off") : undefined,
  switch: ({ access, policy }) =>
    access !== "read" && !policy.document.switches[access] ? hide(OFF[access]) : undefined,
  lists: askLists,
  // Which data a model may see, of whom.
  class: ({ tool, policy }) => (tool.class && policy.hiddenClasses.has(tool.class) ? hide("data-class") : undefined),
  customers: ({ tool, caller }) => (caller.limited && tool.unbounded ? hide("customer-unbounded") : undefined),
  // When changes may be made, with which scopes, and whether somebody has to say yes first.
  window: ({ access, policy: { document }, circumstances: { now } }) =>
    changesSomething(access) && !isOpen(document.windows, document.timeZone, now) ? hide("window") : undefined,
  scopes: ({ tool, caller }) =>
    scopesNeeded(tool, caller).every((scope) => caller.scopes.has(scope))
      ? undefined
      : { verdict: "step_up", rule: "scope-missing" },
  approval: ({ tool, access, policy }) => {
    const approval = approvalFor(tool, access, policy);
    return approval === "none" ? undefined : { verdict: "approve", rule: "approval-needed", approval };
  },
} as const satisfies Record<string, Question>;

const IN_ORDER: readonly Question[] = Object.values(QUESTIONS);

const OFF = { write: "writes-off", destroy: "destroys-off", reveal: "reveals-off" } as const;

function askLists({ tool, access, caller, policy }: Asked): Decision | undefined {
  const vendors = tool.parts.map(({ vendor }) => vendor);
  const permission = policy.permissionFor({ tool: tool.name, vendors, tags: tool.tags, access }, caller.agentType);
  if (permission?.allowed === false) return hide("blocked", permission.id);
  return !permission && policy.document.unlisted === "block" ? hide("unlisted") : undefined;
}

/** A tool that asks of itself is asked about, whatever its access needs by policy. */
export function approvalFor({ name, asks }: ToolFacts, access: Access, { document }: OrgPolicy): Approval {
  const { tools, ...byAccess } = document.approvals;
  const wanted = Object.hasOwn(tools, name) ? tools[name]! : access === "read" ? "none" : byAccess[access];
  return asks && wanted === "none" ? "self" : wanted;
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
