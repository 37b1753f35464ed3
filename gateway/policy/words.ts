import type { Access, Decision, Rule } from "./decide.ts";
import type { ChangeWindow } from "./document.ts";
import type { OrgPolicy } from "./policy.ts";

/** What the sentences are about. */
export interface Named {
  readonly tool: string;
  readonly organisation: string;
  readonly role: string;
  readonly client: string;
}

const DECIDERS = "an owner or admin";

type Say = (named: Named, policy: OrgPolicy, decision: Decision) => string;

/** Each rule in one sentence: what decided, and who can change it. */
const WORDS: Readonly<Record<Rule, Say>> = {
  unclassified: ({ tool }) => `There is no tool ${tool}.`,
  "not-in-lock": ({ tool }) =>
    `${tool} differs from what was reviewed, so nobody is served it; the operator of this gateway can mend that.`,
  "other-tenant": ({ tool }) => `There is no tool ${tool}.`,
  "other-vendor": ({ tool }) => `There is no tool ${tool}.`,
  "tool-off-everywhere": ({ tool }) =>
    `${tool} is switched off for everybody; the operator of this gateway can switch it on.`,
  "tool-off": ({ tool, organisation }) =>
    `${tool} is switched off in ${organisation}; ${DECIDERS} can switch it on under Admin, Tools.`,
  "version-held": ({ tool, organisation }) =>
    `${tool} has changed and ${organisation} has not accepted the new version; ${DECIDERS} can accept it under Admin, Tools.`,
  "client-blocked": ({ client, organisation }) =>
    `${organisation} does not let ${client} use its tools; ${DECIDERS} can let it in under Admin, Policy.`,
  role: ({ tool, role, organisation }) =>
    `The role ${role} may not use ${tool} in ${organisation}; ${DECIDERS} can change the role, or what it may do.`,
  "extended-off": ({ tool, organisation }) =>
    `${tool} is an extended tool, and those are off in ${organisation}; ${DECIDERS} can switch them on under Settings, Vendors.`,
  "writes-off": ({ tool, organisation }) =>
    `${tool} changes something, and ${organisation} is read-only; ${DECIDERS} can switch changes on under Admin, Policy.`,
  "destroys-off": ({ tool, organisation }) =>
    `${tool} deletes or runs something, which is off in ${organisation}; ${DECIDERS} can switch it on under Admin, Policy.`,
  "reveals-off": ({ tool, organisation }) =>
    `${tool} shows a secret, which is off in ${organisation}; ${DECIDERS} can switch it on under Admin, Policy.`,
  blocked: ({ tool, organisation }, policy, { permission }) =>
    `${organisation} blocks ${blockOf(tool, policy, permission)}; ${DECIDERS} can change that under Admin, Policy.`,
  unlisted: ({ tool, organisation }) =>
    `${organisation} allows only what it has listed, and ${tool} is not; ${DECIDERS} can list it under Admin, Policy.`,
  "data-class": ({ tool, organisation }) =>
    `${tool} answers a kind of data that ${organisation} keeps from assistants; ${DECIDERS} can change that under Admin, Policy.`,
  "customer-unbounded": ({ tool }) =>
    `${tool} cannot be kept to single customers, and you are limited to some; ${DECIDERS} can change which customers you see.`,
  window: ({ organisation }, policy) =>
    `${organisation} makes changes only ${windowsInWords(policy.document.windows)} (${policy.document.timeZone}); ${DECIDERS} can change that under Admin, Policy.`,
  "scope-missing": ({ tool, client }) =>
    `The access given to ${client} does not cover ${tool}; the person can sign in again and grant it.`,
  "approval-needed": ({ tool, organisation }, _policy, { approval }) =>
    approval === "other"
      ? `Every call of ${tool} needs the yes of another person in ${organisation}.`
      : `Every call of ${tool} needs the yes of a person in ${organisation}.`,
  "too-many": ({ tool }) =>
    `${tool} is left out here because clients take no more tools; it is served at its vendor's own address.`,
  allowed: ({ tool, organisation }) => `${tool} may be called in ${organisation}.`,
};

/** Why a tool may or may not be called, in one sentence. */
export const inWords = (decision: Decision, named: Named, policy: OrgPolicy): string =>
  WORDS[decision.rule](named, policy, decision);

/** Rules whose sentence would tell of what the caller cannot reach at all: the tool is unknown to them. */
const SILENT: ReadonlySet<Rule> = new Set(["unclassified", "not-in-lock", "other-tenant", "other-vendor"]);

/** Whether the caller may know that the tool exists. */
export const mayBeTold = ({ rule }: Pick<Decision, "rule">): boolean => !SILENT.has(rule);

function blockOf(tool: string, { document }: OrgPolicy, id: string | undefined): string {
  const permission = document.permissions.find((one) => one.id === id);
  if (!permission || permission.what === "tool") return tool;
  const what = { vendor: "the vendor", tag: "tools about", access: "tools that" }[permission.what];
  return `${what} ${permission.name}${permission.agentType === "*" ? "" : ` for ${agentTypeWords(permission.agentType)}`}, so ${tool} too`;
}

/** A kind of client as people say it. */
export const agentTypeWords = (agentType: string): string =>
  ({ "*": "every assistant", registered: "apps that registered themselves", service: "programs" })[agentType] ??
  agentType;

/** What a tool of this access does. */
export const ACCESS_WORDS: Readonly<Record<Access, string>> = {
  read: "read",
  write: "change something",
  destroy: "delete or run something",
  reveal: "show a secret",
};

export const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

export const windowsInWords = (windows: readonly ChangeWindow[]): string =>
  windows
    .map(({ days, from, to }) => `${days.map((day) => DAYS[day - 1]).join(", ")} from ${from} to ${to}`)
    .join("; and ");
