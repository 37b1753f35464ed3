import type { AuditEventRow } from "../database/schema.ts";
import type { Kind } from "./kinds.ts";

/** What one event may mean. Whether it is worth an alert depends on how often, and on what the organisation wants. */
export interface Signal {
  readonly kind: Kind;
  /** Whom or what it is about, as an id. */
  readonly subject: string;
  /** `over`: what an alert was about works again. */
  readonly over?: boolean;
  /** Where one alert is about several things: which of them. It is over when none is left. */
  readonly part?: string;
  /** Ids and codes for whoever looks into it. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export function signalsOf(row: AuditEventRow): Signal[] {
  const detail: Record<string, unknown> = JSON.parse(row.detail);
  const facts = withoutNull({ tool: row.tool, vendor: row.vendor, client: row.client, rule: row.rule });
  const signal = (kind: Kind, subject: string | null, more: Partial<Signal> = {}): Signal[] =>
    subject ? [{ kind, subject, facts, ...more }] : [];
  return [
    ...calls(row, signal),
    ...refusals(row, signal),
    ...marked(row, detail, facts, signal),
    ...(row.type === "consent.grant" ? consents(row, signal) : []),
    ...connections(row, detail, signal),
    ...heldBack(row, detail, signal),
    ...trail(row, detail, signal),
  ];
}

type Make = (kind: Kind, subject: string | null, more?: Partial<Signal>) => Signal[];

function calls({ type, status, actor_id, tool }: AuditEventRow, signal: Make) {
  if (type !== "tool.call" || status === "started") return [];
  return [...signal("volume", actor_id), ...(status === "success" && tool ? signal("first-use", actor_id) : [])];
}

function refusals({ status, rule, actor_id }: AuditEventRow, signal: Make) {
  if (status !== "denied") return [];
  // Other rules about customers refuse a tool or a person as such; nobody was reached for.
  if (rule === "customer") return signal("foreign-customer", actor_id);
  if (rule === "other-tenant") return signal("foreign-organisation", actor_id);
  return signal("denied", actor_id);
}

/** What the arguments looked like to whoever read them, whether the call was let through or not. */
function marked({ actor_id }: AuditEventRow, { marks }: Record<string, unknown>, facts: Signal["facts"], signal: Make) {
  return Array.isArray(marks) && marks.length > 0 ? signal("marks", actor_id, { facts: { ...facts, marks } }) : [];
}

const consents = ({ actor_id, client }: AuditEventRow, signal: Make) => [
  ...signal("consents", actor_id),
  ...signal("new-client", client),
];

function connections({ type, status }: AuditEventRow, { connection }: Record<string, unknown>, signal: Make) {
  if (typeof connection !== "string" || !ABOUT_KEYS.has(type)) return [];
  return signal("connection", connection, { over: status !== "error" });
}

/** Whatever else is done with a connection, such as naming it, says nothing about its keys. */
const ABOUT_KEYS: ReadonlySet<string> = new Set(
  ["create", "replace", "renew", "error", "active", "revoke"].map((what) => `connection.${what}`),
);

/** One alert for a vendor, whichever of its connections are held back, or all of them because of its address. */
function heldBack({ type, vendor }: AuditEventRow, { connection }: Record<string, unknown>, signal: Make) {
  const turn = HELD_BACK[type];
  const part = type.startsWith("vendor.") ? "every connection" : connection;
  const over = turn === "over";
  if (over && type === "vendor.resumed") return signal("held-back", vendor, { over });
  return turn && typeof part === "string" ? signal("held-back", vendor, { over, part }) : [];
}

/** Keys that are replaced or gone are not held back any more, either. */
const HELD_BACK: Readonly<Record<string, "begins" | "over" | undefined>> = {
  "connection.paused": "begins",
  "vendor.paused": "begins",
  "connection.resumed": "over",
  "connection.replace": "over",
  "connection.revoke": "over",
  "vendor.resumed": "over",
};

function trail({ type, status }: AuditEventRow, detail: Record<string, unknown>, signal: Make) {
  if (type !== "audit.anchor" && type !== "audit.sink") return [];
  const name = String(detail["place"] ?? detail["sink"]);
  return signal("trail", `${type.replace("audit.", "")}:${name}`, { over: status !== "error" });
}

const withoutNull = (facts: Record<string, string | null>) =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
