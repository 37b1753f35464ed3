import { OUTCOMES, outcomeOf } from "../../approvals/request.ts";
import type { Approval } from "../../database/approvals.ts";
import type { State } from "../views.ts";
import { count } from "../words.ts";

/** Where a request stands, in two words. */
export function stateOf(approval: Approval, now: number): State {
  const { status } = approval;
  if (isOver(approval, now)) return { kind: "", text: status === "approved" ? "Not used in time" : "Expired" };
  if (status === "consumed") return RAN[outcomeOf(approval, now)];
  return STATES[status];
}

const STATES: Readonly<Record<Exclude<Approval["status"], "consumed">, State>> = {
  pending: { kind: "warn", text: "Waiting" },
  approved: { kind: "good", text: "Approved" },
  denied: { kind: "bad", text: "Denied" },
  expired: { kind: "", text: "Expired" },
  revoked: { kind: "", text: "No longer fits" },
};

const RAN: Readonly<Record<NonNullable<Approval["outcome"]>, State>> = {
  started: { kind: "warn", text: "Running" },
  succeeded: { kind: "good", text: "Done" },
  failed: { kind: "bad", text: "Failed" },
  unknown: { kind: "bad", text: "Unknown, check" },
};

const isOver = ({ status, expires_at }: Approval, now: number) =>
  (status === "pending" || status === "approved") && expires_at <= now;

/** What became of it, and what to do next. */
export function endWords(approval: Approval, now: number): string {
  const { status } = approval;
  if (isOver(approval, now)) return "Its time is over. When the assistant repeats the call, a new request is made.";
  switch (status) {
    case "pending":
      return "";
    case "approved":
      return `Approved. Tell the assistant to repeat the call: it has ${left(approval.expires_at, now)}, and it runs once.`;
    case "denied":
      return "Denied. Nothing was changed, and the assistant reads so when it asks again.";
    case "revoked":
      return "Policy or connection changed since this was asked, so it no longer counts. When the assistant repeats the call, a new request is made.";
    case "expired":
      return "Its time is over. When the assistant repeats the call, a new request is made.";
    case "consumed":
      return outcomeOf(approval, now) === "unknown"
        ? "The call was begun, and how it ended is unknown. Look in the vendor's own application before it is repeated; it is never repeated by itself."
        : `The call was made once: ${OUTCOMES[outcomeOf(approval, now)]}.`;
  }
}

export function left(until: number, now: number): string {
  const minutes = Math.ceil((until - now) / 60_000);
  if (minutes < 1) return "no time left";
  return minutes < 120 ? `${count(minutes, "minute")} left` : `${count(Math.round(minutes / 60), "hour")} left`;
}

export const RULES: Readonly<Record<NonNullable<Approval["rule"]>, string>> = {
  self: "the same person who asked",
  other: "another person than asked",
  alone: "alone, because nobody else in the organisation may approve",
};

export const time = (at: number): { iso: string; text: string } => ({
  iso: new Date(at).toISOString(),
  text: new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }).format(at),
});
