import type { Vendor } from "../../../runtime/index.ts";
import { entityOf } from "../../audit/sinks.ts";
import type { AuditEventRow } from "../../database/schema.ts";
import type { State } from "../views.ts";
import { ruleWords } from "./rule-words.ts";

/** One event as a line of the list. */
export interface EventLine {
  readonly seq: number;
  readonly href: string;
  readonly iso: string;
  readonly time: string;
  readonly what: string;
  readonly about: string;
  readonly who: string;
  readonly whoHref: string;
  readonly state: State;
  readonly rule: string;
}

export const statusWords: Readonly<Record<AuditEventRow["status"], State>> = {
  success: { kind: "good", text: "Done" },
  denied: { kind: "bad", text: "Refused" },
  error: { kind: "bad", text: "Failed" },
  timeout: { kind: "bad", text: "Timed out" },
  started: { kind: "", text: "Begun" },
  pending_approval: { kind: "warn", text: "Waits for approval" },
};

export function lineOf(
  row: AuditEventRow,
  names: ReadonlyMap<string, string>,
  vendors: ReadonlyMap<string, Pick<Vendor, "title">>,
): EventLine {
  const { rule, response_status } = entityOf(row);
  const vendor = row.vendor ? (vendors.get(row.vendor)?.title ?? row.vendor) : "";
  return {
    seq: row.seq,
    href: `/admin/audit/${row.seq}`,
    iso: new Date(row.at).toISOString(),
    time: timeOf(row.at),
    what: row.tool ?? typeWords(row.type),
    about: [row.tool && row.type !== "tool.call" ? typeWords(row.type) : "", vendor].filter(Boolean).join(" · "),
    who: whoIs(row, names),
    whoHref: `/admin/audit?actor=${encodeURIComponent(row.actor_id)}`,
    state: statusWords[row.status],
    rule: row.status === "success" ? "" : rule !== "allowed" ? ruleWords(rule ?? "") : (response_status ?? ""),
  };
}

const whoIs = ({ actor_id, actor_type }: AuditEventRow, names: ReadonlyMap<string, string>): string =>
  names.get(actor_id) || (actor_type === "system" ? "The gateway" : actor_id);

/** `connection.revoke` → Connection revoke: types are few and read well. */
export function typeWords(type: string): string {
  const words = type.replace(/[.-]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const timeOf = (at: number): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" }).format(at);

/** Who asked, with what right, what was decided and how it ended: the trace of one authorization, as sentences. */
export function traceOf(row: AuditEventRow, names: ReadonlyMap<string, string>): string[] {
  const event = entityOf(row);
  const said = [
    `${whoIs(row, names)} ${row.actor_type === "service" ? "(a program) " : ""}${ASKED[row.type] ?? "did this"}.`,
  ];
  if (event.client)
    said.push(`It came through the app ${event.client}${event.grant ? `, by the access ${event.grant}` : ""}.`);
  if (event.audience)
    said.push(`The token was for ${event.audience}${event.scopes ? ` and holds ${listed(event.scopes)} there` : ""}.`);
  if (event.customer) said.push(`It was limited to the customer ${event.customer}.`);
  if (event.approval) said.push(`${approvalWords(row)}: ${event.approval}.`);
  if (event.rule)
    said.push(
      `${decision(row)}${event.policy_version === undefined ? "" : `, under version ${event.policy_version} of the policy`}.`,
    );
  const took = event.duration_ms === undefined ? "" : ` after ${event.duration_ms} ms`;
  said.push(
    `${ENDED[row.status]}${took}${event.response_status && row.status !== "success" ? `, with ${event.response_status}` : ""}.`,
  );
  return said;
}

const ASKED: Readonly<Record<string, string>> = {
  "tool.call": "called a tool",
  "credential.open": "caused a vendor's keys to be opened",
  "sign-in": "signed in, or tried to",
  "consent.grant": "let an app act for them",
  "consent.refuse": "refused an app",
};

function approvalWords({ type, status, rule }: AuditEventRow): string {
  if (type.startsWith("approval.")) return "It is about the request";
  if (status === "pending_approval") return "It asks for a person's yes";
  return rule === "approval-denied" ? "A person had said no" : "A person had approved it";
}

const decision = ({ rule, status }: AuditEventRow) =>
  rule === "allowed"
    ? "No rule was against it"
    : `The rule “${rule}” ${status === "denied" ? "refused it" : "decided"}`;

const ENDED: Readonly<Record<AuditEventRow["status"], string>> = {
  success: "It was done",
  denied: "It was refused and nothing happened",
  error: "It failed",
  timeout: "It took too long and was stopped",
  started: "It was begun; how it ended is an event of its own",
  pending_approval: "It waits for a person's approval",
};

const listed = (words: unknown) => (Array.isArray(words) && words.length > 0 ? words.join(", ") : "nothing");
