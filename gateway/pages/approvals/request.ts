import type { FastifyInstance } from "fastify";
import { openContent, openNote } from "../../approvals/content.ts";
import { behind, isOutdated, othersThan } from "../../approvals/decide.ts";
import type { Change, Preview } from "../../approvals/preview.ts";
import { mayApprove } from "../../approvals/who.ts";
import { type Approval, findApproval } from "../../database/approvals.ts";
import { namesOf } from "../../database/people-names.ts";
import type { State } from "../views.ts";
import { ACCESS_LABEL, ago } from "../words.ts";
import type { Who } from "./who.ts";
import { endWords, left, RULES, stateOf, time } from "./words.ts";

interface Shown {
  readonly name: string;
  readonly label: string;
  readonly about?: string;
  readonly before?: Text;
  readonly value: Text;
}

/** A text as it is shown: the whole of it, or its beginning with the whole behind it. */
interface Text {
  readonly text: string;
  readonly whole?: string;
}

export interface RequestPage {
  readonly id: string;
  readonly title: string;
  readonly tool: string;
  readonly vendor: string;
  readonly access: string;
  readonly state: State;
  readonly end: string;
  readonly ask?: string;
  readonly facts: readonly { readonly label: string; readonly text: string; readonly time?: string }[];
  readonly changes: readonly Shown[];
  readonly compares: boolean;
  readonly beforeMissing: boolean;
  readonly earlier?: { readonly href: string; readonly text: string };
  readonly outdated?: string;
  readonly erased: boolean;
  /** Nothing can come of it any more, or it has happened. */
  readonly over: boolean;
  readonly approve: boolean;
  readonly deny: boolean;
  /** Deciding leads to signing in first. */
  readonly fresh: boolean;
  readonly alone: boolean;
  readonly why?: string;
}

/** One request as this person may see it; undefined when it is none of their business. */
export async function requestOf(
  app: FastifyInstance,
  { viewer, decider }: Who,
  id: string,
): Promise<{ shown: RequestPage; standing: boolean } | undefined> {
  const { db, clock, approvals } = app;
  const now = clock.now();
  const approval = await findApproval(db, { id, org: viewer.org });
  if (!approval || !(viewer.approves || approval.user_id === viewer.user)) return undefined;
  const content = await openContent(approvals.box, approval);
  const note = await openNote(approvals.box, approval);
  const asked = await behind(db, approval);
  const others = await othersThan(db, asked);
  const verdict = mayApprove(asked, decider, { others, now });
  const isOpen = approval.status === "pending" && approval.expires_at > now;
  const isLate = isOpen && (await isOutdated(db, approval));
  const preview = content?.preview;
  const shown: RequestPage = {
    id,
    title: preview?.title ?? approval.tool,
    tool: approval.tool,
    vendor: preview?.vendor ?? approval.vendor,
    access: ACCESS_LABEL[approval.access],
    state: stateOf(approval, now),
    end: endWords(approval, now),
    facts: await factsOf(app, approval, preview, { viewer, note, now }),
    changes: preview?.changes.map(shownChange) ?? [],
    compares: preview?.changes.some(({ before }) => before !== undefined) ?? false,
    beforeMissing: preview?.beforeMissing === true,
    erased: preview === undefined,
    over: !isOpen && approval.status !== "approved",
    approve: isOpen && !isLate && (verdict.may || verdict.why === "fresh"),
    deny: isOpen,
    fresh: isOpen && !isLate && !verdict.may && verdict.why === "fresh",
    alone: isOpen && !isLate && approval.needs === "other" && asked.user_id === viewer.user && others === 0,
    ...(preview?.ask && { ask: preview.ask }),
    ...(preview?.outdated && { outdated: preview.outdated }),
    ...(preview?.earlier && {
      earlier: {
        href: `/approvals/${preview.earlier.id}`,
        text: `This very call was made ${ago(preview.earlier.at, now)}: ${preview.earlier.outcome}.`,
      },
    }),
    ...(isLate ? { why: LATE } : isOpen && !verdict.may && verdict.why !== "fresh" && { why: WHY[verdict.why] }),
  };
  const isDecided = approval.status === "approved" || approval.status === "consumed";
  // Signing in anew is asked for when the form is sent.
  const fresh = mayApprove(asked, { ...decider, signedInAt: now }, { others, now }).may;
  return { shown, standing: isDecided && approval.access === "write" && viewer.approves && fresh && !shown.ask };
}

const LATE =
  "Policy or connection changed since this was asked, so a yes would not count. Tell the assistant to repeat the call: that makes a new request.";

const WHY = {
  "somebody-else":
    "Somebody else in your organisation has to approve this. They find it in their inbox; you can send them this page's address.",
  role: "Your role may not approve what others ask for.",
} as const;

async function factsOf(
  { db }: FastifyInstance,
  approval: Approval,
  preview: Preview | undefined,
  { viewer, note, now }: { viewer: Who["viewer"]; note: string | undefined; now: number },
) {
  const names = await namesOf(db, viewer.org, [
    approval.user_id,
    ...(approval.approver_id ? [approval.approver_id] : []),
  ]);
  const name = (id: string) => (id === viewer.user ? "You" : (names.get(id) ?? "A program"));
  const asked = time(approval.created_at);
  const { approver_id: approver, decided_at: decided, rule } = approval;
  return [
    { label: "Asked by", text: name(approval.user_id) },
    { label: "Through", text: `“${approval.client_name}”` },
    ...(preview && preview.connections.length > 0
      ? [{ label: "Connection", text: `${preview.vendor}: ${preview.connections.join(", ")}` }]
      : []),
    ...(preview && preview.customers.length > 0 ? [{ label: "Customer", text: preview.customers.join(", ") }] : []),
    ...(preview?.about ?? []).map(({ label, value }) => ({ label, text: cut(value).text })),
    { label: "Asked", text: `${ago(approval.created_at, now)} (${asked.text} UTC)`, time: asked.iso },
    ...(approval.status === "pending" && approval.expires_at > now
      ? [{ label: "Expires", text: left(approval.expires_at, now), time: time(approval.expires_at).iso }]
      : []),
    ...(approver && decided
      ? [
          {
            label: "Decided by",
            text: `${name(approver)} (${approval.approver_role}), ${ago(decided, now)}${rule ? `, ${RULES[rule]}` : ""}`,
          },
        ]
      : []),
    ...(note ? [{ label: "Note", text: note }] : []),
  ];
}

const shownChange = ({ name, label, about, value, before }: Change): Shown => ({
  name,
  label,
  value: cut(value),
  ...(about && !FOR_ASSISTANTS.test(about) && { about }),
  ...(before !== undefined && { before: cut(before) }),
});

/** Where an assistant finds the value: of no use to a person. */
const FOR_ASSISTANTS = /^From [a-z][a-z0-9]*_[a-z0-9_]+\.$/;

const LONG = 280;

function cut(text: string): Text {
  if (text.length <= LONG) return { text };
  return { text: `${text.slice(0, LONG).toWellFormed()}…`, whole: text };
}
