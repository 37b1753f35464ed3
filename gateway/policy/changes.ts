import type { Access } from "./decide.ts";
import type { Approval, ChangeWindow, DataClass, Permission, PolicyDocument, Reaction } from "./document.ts";
import { ROLES } from "./roles.ts";
import { ACCESS_WORDS, agentTypeWords, windowsInWords } from "./words.ts";

/** One thing that differs between two policies, in words for people. */
export interface PolicyChange {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  /** `looser`: more may happen than before. `dangerous`: what a stolen browser must not be able to do. */
  readonly effect: "none" | "looser" | "dangerous";
  /** What follows from it, where that is not plain. */
  readonly consequence?: string;
}

/** Everything that differs, in the order of the pages. The same words serve the history and the question before loosening. */
export function changesBetween(before: PolicyDocument, after: PolicyDocument): PolicyChange[] {
  return [
    ...switches(before, after),
    ...roles(before, after),
    ...named(before.extended, after.extended, (vendor) => `Extended tools of ${vendor}`, "off", "on", "looser"),
    ...named(after.toolsOff, before.toolsOff, (tool) => `Tool ${tool}`, "off", "on", "none"),
    ...approvals(before, after),
    ...permissions(before.permissions, after.permissions),
    ...one("What no list speaks of", UNLISTED[before.unlisted], UNLISTED[after.unlisted], after.unlisted === "allow"),
    ...named(before.clients.blocked, after.clients.blocked, client, "let in", "blocked", "none"),
    ...onlyClients(before, after),
    ...times(before, after),
    ...hidden(before.hiddenClasses, after.hiddenClasses),
    ...redaction(before, after),
    ...suspicion(before, after),
    ...one(
      "Second factor",
      demanded(before.secondFactor),
      demanded(after.secondFactor),
      !after.secondFactor,
      "dangerous",
    ),
    ...accepted(before, after),
  ];
}

type Effect = PolicyChange["effect"];

function one(what: string, from: string, to: string, isLooser = false, effect: Effect = "looser"): PolicyChange[] {
  return from === to ? [] : [{ what, from, to, effect: isLooser ? effect : "none" }];
}

/** What was added to a list of names, and what was removed. */
function named(
  before: readonly string[],
  after: readonly string[],
  what: (name: string) => string,
  absent: string,
  present: string,
  whenAdded: Effect,
  whenRemoved: Effect = "none",
): PolicyChange[] {
  const added = after.filter((name) => !before.includes(name));
  const removed = before.filter((name) => !after.includes(name));
  return [
    ...added.map((name) => ({ what: what(name), from: absent, to: present, effect: whenAdded })),
    ...removed.map((name) => ({ what: what(name), from: present, to: absent, effect: whenRemoved })),
  ];
}

const BEYOND_READING = ["write", "destroy", "reveal"] as const;

const CONSEQUENCES = {
  write:
    "Assistants see tools that create and change records, once their person allows the app to. The vendor's own limits of the keys still hold.",
  destroy:
    "Assistants see tools that delete records or run something on machines. What is deleted at a vendor does not come back from here.",
  reveal: "Assistants can show passwords and keys to the model, and what a model has seen cannot be taken back.",
} as const;

function switches({ switches: before }: PolicyDocument, { switches: after }: PolicyDocument): PolicyChange[] {
  return BEYOND_READING.flatMap((access) =>
    one(
      accessTools(access),
      onOff(before[access]),
      onOff(after[access]),
      after[access],
      access === "write" ? "looser" : "dangerous",
    ).map((change) => (change.effect === "none" ? change : { ...change, consequence: CONSEQUENCES[access] })),
  );
}

const accessTools = (access: Access) => `Tools that ${ACCESS_WORDS[access]}`;
const onOff = (on: boolean) => (on ? "on" : "off");
const demanded = (on: boolean) => (on ? "demanded of every member" : "up to each member");

function roles({ roles: before }: PolicyDocument, { roles: after }: PolicyDocument): PolicyChange[] {
  return ROLES.flatMap((role) =>
    named(
      before[role],
      after[role],
      (access) => `The role ${role} may ${ACCESS_WORDS[access as Access]}`,
      "no",
      "yes",
      "looser",
    ),
  );
}

const STRICTNESS: Readonly<Record<Approval, number>> = { none: 0, self: 1, other: 2 };
export const APPROVAL_WORDS: Readonly<Record<Approval, string>> = {
  none: "nobody has to say yes",
  self: "a person says yes, also the one who asked",
  other: "another person says yes",
};

function approvals({ approvals: before }: PolicyDocument, { approvals: after }: PolicyDocument): PolicyChange[] {
  const answer = (what: string, from: Approval | undefined, to: Approval | undefined) =>
    one(
      what,
      approvalWords(from),
      approvalWords(to),
      STRICTNESS[to ?? "none"] < STRICTNESS[from ?? "none"],
      "dangerous",
    );
  const tools = new Set([...Object.keys(before.tools), ...Object.keys(after.tools)]);
  const { standing } = before;
  return [
    ...BEYOND_READING.flatMap((access) => answer(`Calls that ${ACCESS_WORDS[access]}`, before[access], after[access])),
    ...[...tools].sort().flatMap((tool) => answer(`Calls of ${tool}`, before.tools[tool], after.tools[tool])),
    ...one("A request waits", minutes(before.waitMinutes), minutes(after.waitMinutes)),
    ...one(
      "Approved beforehand, at most",
      hours(standing.maxHours),
      hours(after.standing.maxHours),
      after.standing.maxHours > standing.maxHours,
      "dangerous",
    ),
    ...one(
      "Uses of one such approval, at most",
      `${standing.maxUses}`,
      `${after.standing.maxUses}`,
      after.standing.maxUses > standing.maxUses,
      "dangerous",
    ),
  ];
}

const approvalWords = (approval: Approval | undefined) => (approval ? APPROVAL_WORDS[approval] : "as its kind of tool");
const minutes = (count: number) => `${count} ${count === 1 ? "minute" : "minutes"}`;
const hours = (count: number) => (count === 0 ? "nothing" : `${count} ${count === 1 ? "hour" : "hours"}`);

const UNLISTED = { allow: "allowed", block: "blocked" } as const;

function permissions(before: readonly Permission[], after: readonly Permission[]): PolicyChange[] {
  const isIn = (list: readonly Permission[]) => (permission: Permission) => list.some(({ id }) => id === permission.id);
  const added = after.filter((permission) => !isIn(before)(permission));
  const removed = before.filter((permission) => !isIn(after)(permission));
  return [
    ...added.map((one) => ({ what: listed(one), from: "not listed", to: allowed(one), effect: "none" as const })),
    ...removed.map((one) => ({
      what: listed(one),
      from: allowed(one),
      to: "not listed",
      effect: one.allowed ? ("none" as const) : ("looser" as const),
    })),
  ];
}

const allowed = (permission: Permission) => (permission.allowed ? "allowed" : "blocked");

/** What a line of the lists speaks of. */
export const listed = ({ what, name, agentType }: Permission): string => {
  const whom = agentType === "*" ? "" : ` for ${agentTypeWords(agentType)}`;
  return what === "access" ? `${accessTools(name as Access)}${whom}` : `${WHAT[what]} ${name}${whom}`;
};

const WHAT = { tool: "Tool", vendor: "Every tool of", tag: "Tools about" } as const;

const client = (id: string) => `Assistant ${id}`;

function onlyClients({ clients: before }: PolicyDocument, { clients: after }: PolicyDocument): PolicyChange[] {
  const words = (only: readonly string[]) => (only.length === 0 ? "every one that is not blocked" : only.join(", "));
  const isLooser =
    before.only.length > 0 && (after.only.length === 0 || after.only.some((id) => !before.only.includes(id)));
  return one("Assistants that are let in", words(before.only), words(after.only), isLooser);
}

function times(before: PolicyDocument, after: PolicyDocument): PolicyChange[] {
  const words = (windows: readonly ChangeWindow[]) => (windows.length === 0 ? "at any time" : windowsInWords(windows));
  return [
    ...one("Changes may be made", words(before.windows), words(after.windows), before.windows.length > 0),
    ...one("Time zone of the windows", before.timeZone, after.timeZone),
  ];
}

export const CLASS_WORDS: Readonly<Record<DataClass, string>> = {
  secret: "Secrets",
  personal: "Personal data",
  financial: "Financial data",
  health: "Health data",
};

const hidden = (before: readonly DataClass[], after: readonly DataClass[]) =>
  named(
    before,
    after,
    (name) => CLASS_WORDS[name as DataClass],
    "shown to assistants",
    "hidden from assistants",
    "none",
    "looser",
  );

function redaction({ redaction: before }: PolicyDocument, { redaction: after }: PolicyDocument): PolicyChange[] {
  const text = ({ name, pattern }: { name: string; pattern: string }) => `${name} (${pattern})`;
  const patterns = [before.patterns.map(text), after.patterns.map(text)] as const;
  return [
    ...named(before.fields, after.fields, (field) => `Field ${field}`, "shown", "hidden", "none", "looser"),
    ...named(...patterns, (pattern) => `Texts like ${pattern}`, "shown", "hidden", "none", "looser"),
    ...named(after.detectorsOff, before.detectorsOff, (name) => `Search for ${name}`, "off", "on", "none", "looser"),
  ];
}

export const REACTION_WORDS: Readonly<Record<Reaction, string>> = {
  off: "let through without a mark",
  flag: "marked and let through",
  block: "refused",
};
const REACTIONS: readonly Reaction[] = ["off", "flag", "block"];

function suspicion({ suspicion: before }: PolicyDocument, { suspicion: after }: PolicyDocument): PolicyChange[] {
  const answer = (what: string, from: Reaction, to: Reaction) =>
    one(what, REACTION_WORDS[from], REACTION_WORDS[to], REACTIONS.indexOf(to) < REACTIONS.indexOf(from));
  return [
    ...answer("Arguments that look like data being carried out", before.exfiltration, after.exfiltration),
    ...answer("Arguments that look like planted instructions", before.injection, after.injection),
  ];
}

function accepted({ accepted: before }: PolicyDocument, { accepted: after }: PolicyDocument): PolicyChange[] {
  if (!before || !after) return one("New versions of tools", taken(before), taken(after), before && !after);
  const state = (tool: string) => (hash: string | undefined) =>
    hash === undefined ? "held" : hash === after[tool] ? "this version accepted" : "an older version accepted";
  const tools = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return tools.flatMap((tool) => one(`Tool ${tool}`, state(tool)(before[tool]), state(tool)(after[tool])));
}

const taken = (accepted: PolicyDocument["accepted"]) => (accepted ? "held until accepted" : "taken as they come");
