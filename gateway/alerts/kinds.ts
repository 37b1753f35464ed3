import type { AlertRow } from "../database/schema.ts";

/** From how many, within how many minutes. */
export interface Threshold {
  readonly enabled: boolean;
  readonly count: number;
  readonly minutes: number;
}

export interface AlertKind {
  readonly title: string;
  readonly severity: AlertRow["severity"];
  /** What is watched, for the page where thresholds are set; what the two numbers mean. */
  readonly about: string;
  readonly count?: string;
  readonly minutes?: string;
  /** The same again within those minutes opens the last one again, and nobody is told anew. */
  readonly reopens?: true;
  readonly standard: Threshold;
}

/** Everything that is watched. Start values: quiet for a team at work, loud for a loop, a stranger or a thief. */
export const KINDS = {
  volume: {
    title: "Unusually many calls",
    severity: "medium",
    about: "A person makes several times as many calls as they usually do in a busy spell.",
    count: "Never below this many calls",
    minutes: "Counted over this many minutes",
    standard: { enabled: true, count: 300, minutes: 60 },
  },
  "first-use": {
    title: "First use of a tool",
    severity: "low",
    about: "A person we have known for a while uses a tool they never used before.",
    minutes: "Known for at least this many minutes",
    standard: { enabled: true, count: 1, minutes: 7 * 24 * 60 },
  },
  denied: {
    title: "Many refusals",
    severity: "medium",
    about: "What one person or program tries is refused again and again.",
    count: "From this many refusals",
    minutes: "Within this many minutes",
    standard: { enabled: true, count: 10, minutes: 10 },
  },
  "foreign-customer": {
    title: "Reach for another customer",
    severity: "high",
    about: "Somebody who is limited to some customers asks for one of the others.",
    count: "From this many attempts",
    minutes: "Within this many minutes",
    standard: { enabled: true, count: 1, minutes: 60 },
  },
  "foreign-organisation": {
    title: "Reach for another organisation",
    severity: "high",
    about: "Somebody uses what belongs to another organisation.",
    count: "From this many attempts",
    minutes: "Within this many minutes",
    standard: { enabled: true, count: 1, minutes: 60 },
  },
  marks: {
    title: "Signs of injection or exfiltration",
    severity: "high",
    about: "Arguments look like instructions from elsewhere, or like data being carried out.",
    count: "From this many calls",
    minutes: "Within this many minutes",
    standard: { enabled: true, count: 1, minutes: 60 },
  },
  consents: {
    title: "Many consents",
    severity: "medium",
    about: "One person lets many apps act for them in a short time.",
    count: "From this many consents",
    minutes: "Within this many minutes",
    standard: { enabled: true, count: 5, minutes: 10 },
  },
  "new-client": {
    title: "A new app",
    severity: "low",
    about:
      "An app that nobody here has used before is let in; more serious when it is unregistered and leads to the person's own machine.",
    minutes: "Once the organisation has had apps for this many minutes",
    standard: { enabled: true, count: 1, minutes: 7 * 24 * 60 },
  },
  connection: {
    title: "A dead connection",
    severity: "medium",
    about: "A vendor no longer accepts the keys of a connection, or its sign-in has ended.",
    standard: { enabled: true, count: 1, minutes: 60 },
  },
  "held-back": {
    title: "A vendor does not answer",
    severity: "medium",
    about:
      "Requests to a vendor are held back because it fails or does not answer. Closes by itself when it answers again.",
    count: "From this many pauses",
    minutes: "Within this many minutes, and told once in as many",
    reopens: true,
    standard: { enabled: true, count: 1, minutes: 60 },
  },
  trail: {
    title: "The audit trail does not get out",
    severity: "high",
    about: "Anchors cannot be written, or events cannot be delivered.",
    standard: { enabled: true, count: 1, minutes: 60 },
  },
} as const satisfies Record<string, AlertKind>;

export type Kind = keyof typeof KINDS;

export const isKind = (text: string): text is Kind => Object.hasOwn(KINDS, text);

export type Thresholds = Readonly<Record<Kind, Threshold>>;

/** The standard ones, and what the organisation wants instead. */
export function thresholdsOf(
  rows: readonly { kind: string; enabled: number; count: number; minutes: number }[],
): Thresholds {
  const own = new Map(
    rows.map(({ kind, enabled, count, minutes }) => [kind, { enabled: enabled === 1, count, minutes }]),
  );
  const all = Object.entries(KINDS).map(([kind, { standard }]) => [kind, own.get(kind) ?? standard]);
  return Object.fromEntries(all) as Thresholds; // the keys are those of KINDS
}
