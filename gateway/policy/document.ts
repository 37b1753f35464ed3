import type { Access } from "./decide.ts";
import type { Role } from "./roles.ts";

/** Who has to say yes to one call: nobody, a person who may be the one who asks, or somebody else. */
export type Approval = "none" | "self" | "other";

/** What a model may be shown: kinds of data that tools and fields are of. */
export type DataClass = "secret" | "personal" | "financial" | "health";

/** One line of the lists of what is allowed and what is blocked. */
export interface Permission {
  readonly id: string;
  readonly what: "tool" | "vendor" | "tag" | "access";
  /** The tool's name, the vendor's slug, the tag, or the access. */
  readonly name: string;
  /** Which kind of client it holds for, as its authentication tells; `*` is every one. */
  readonly agentType: string;
  readonly allowed: boolean;
}

/** When changes may be made, in the organisation's own time. */
export interface ChangeWindow {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** `HH:MM`; a window whose end lies before its start goes on over midnight. */
  readonly from: string;
  readonly to: string;
}

/** What an organisation has decided. Each change is a new version; nothing edits an old one. */
export interface PolicyDocument {
  /** Beyond reading. All off in a new organisation. */
  readonly switches: { readonly write: boolean; readonly destroy: boolean; readonly reveal: boolean };
  /** Vendors whose extended tools are on. */
  readonly extended: readonly string[];
  /** Tools that are switched off, by name. */
  readonly toolsOff: readonly string[];
  /** What each role may do with tools. */
  readonly roles: Readonly<Record<Role, readonly Access[]>>;
  readonly permissions: readonly Permission[];
  /** What no permission speaks of. */
  readonly unlisted: "allow" | "block";
  /** Ids of OAuth clients: the blocked ones, and, unless empty, the only ones that are let in. */
  readonly clients: { readonly blocked: readonly string[]; readonly only: readonly string[] };
  /** Without one, changes are possible at any time. */
  readonly windows: readonly ChangeWindow[];
  /** IANA name, for the windows. */
  readonly timeZone: string;
  /** Classes of data that do not reach a model. */
  readonly hiddenClasses: readonly DataClass[];
  /** Hashes of the tools as they were accepted, by name; undefined takes new versions as they come. */
  readonly accepted?: Readonly<Record<string, string>>;
  readonly approvals: ApprovalPolicy;
  readonly redaction: RedactionPolicy;
  /** What becomes of arguments that look like an exfiltration or an injection. */
  readonly suspicion: { readonly exfiltration: Reaction; readonly injection: Reaction };
  /** Members need a second factor, or a sign-in elsewhere that vouches for one. */
  readonly secondFactor: boolean;
}

export type Reaction = "off" | "flag" | "block";

export interface ApprovalPolicy {
  readonly write: Approval;
  readonly destroy: Approval;
  readonly reveal: Approval;
  /** Other answers for single tools, by name. */
  readonly tools: Readonly<Record<string, Approval>>;
  /** How long a request waits for its answer, in minutes. */
  readonly waitMinutes: number;
  /** Bounds of what may be approved beforehand; 0 hours: nothing. */
  readonly standing: { readonly maxHours: number; readonly maxUses: number };
}

export interface RedactionPolicy {
  /** Names or dotted paths of output fields that are hidden besides those of hidden classes. */
  readonly fields: readonly string[];
  /** Texts that are hidden wherever they stand: `*` is any run of characters of a word. */
  readonly patterns: readonly { readonly name: string; readonly pattern: string }[];
  /** Detectors that are switched off. */
  readonly detectorsOff: readonly string[];
}

const EVERYTHING: readonly Access[] = ["read", "write", "destroy", "reveal"];

/** Of a new organisation: reading, by everybody whose role is to work with tools; once it is switched on, a person allows each change. */
export const DEFAULT_POLICY: PolicyDocument = {
  switches: { write: false, destroy: false, reveal: false },
  extended: [],
  toolsOff: [],
  roles: {
    owner: EVERYTHING,
    admin: EVERYTHING,
    operator: EVERYTHING,
    approver: ["read", "write"],
    auditor: [],
    member: ["read", "write"],
  },
  permissions: [],
  unlisted: "allow",
  clients: { blocked: [], only: [] },
  windows: [],
  timeZone: "UTC",
  hiddenClasses: [],
  approvals: {
    write: "self",
    destroy: "other",
    reveal: "other",
    tools: {},
    waitMinutes: 10,
    standing: { maxHours: 8, maxUses: 50 },
  },
  redaction: { fields: [], patterns: [], detectorsOff: [] },
  suspicion: { exfiltration: "flag", injection: "flag" },
  secondFactor: false,
};
