/** What a member of an organisation is there for. */
export type Role = "owner" | "admin" | "operator" | "approver" | "auditor" | "member";

export const ROLES: readonly Role[] = ["owner", "admin", "operator", "approver", "auditor", "member"];

/** What a role may look after on the pages and through the API. Calling tools is another matter: see decide.ts. */
export type Right =
  /** Hand the organisation on, and end it. */
  | "ownership"
  | "members"
  | "customers"
  | "connections"
  | "policy"
  | "tools"
  /** Programs with tokens of their own. */
  | "programs"
  /** Decide what others' calls may do. */
  | "approve"
  | "audit"
  | "alerts"
  | "usage"
  /** Export and erase. */
  | "data";

const ALL: readonly Right[] = [
  "ownership",
  "members",
  "customers",
  "connections",
  "policy",
  "tools",
  "programs",
  "approve",
  "audit",
  "alerts",
  "usage",
  "data",
];

const RIGHTS: Readonly<Record<Role, ReadonlySet<Right>>> = {
  owner: new Set(ALL),
  admin: new Set(ALL.filter((right) => right !== "ownership")),
  operator: new Set<Right>(["customers", "connections", "tools", "usage", "alerts"]),
  approver: new Set<Right>(["approve"]),
  auditor: new Set<Right>(["audit", "alerts", "usage"]),
  member: new Set<Right>(),
};

/** Who may: to say on a page whom to ask. */
export const rolesWith = (...rights: readonly Right[]): Role[] =>
  ROLES.filter((role) => rights.some((right) => RIGHTS[role].has(right)));

/** Whether there is anything on the pages of an organisation for this role. */
export const looksAfterAnything = (role: Role): boolean => RIGHTS[role].size > 0;

/**
 * As what somebody looks after things: who is limited to some customers must not see others' by way of requests, records and figures,
 * so they are a plain member there, unless they could lift the limit themselves.
 */
export const roleWithin = (role: Role, limited: boolean): Role =>
  limited && !mayLookAfter(role, "members") ? "member" : role;

export const mayLookAfter = (role: Role, right: Right): boolean => RIGHTS[role].has(right);

const RANK: Readonly<Record<Role, number>> = { owner: 2, admin: 1, operator: 0, approver: 0, auditor: 0, member: 0 };

/** Whether somebody in the first role may change what the second one's person is, or remove them: never somebody above. */
export const mayChange = (own: Role, theirs: Role): boolean =>
  mayLookAfter(own, "members") && RANK[theirs] <= RANK[own];

/** The roles that somebody may give. Ownership is not given but offered: it takes two to say yes. */
export const rolesToGive = (own: Role): Role[] => ROLES.filter((role) => role !== "owner" && mayChange(own, role));
