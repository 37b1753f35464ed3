import type { FastifyInstance } from "fastify";
import { othersThan } from "../../approvals/decide.ts";
import { placeText, readPlace } from "../../approvals/place.ts";
import { mayApprove } from "../../approvals/who.ts";
import { closedApprovals, pendingApprovals } from "../../database/approval-inbox.ts";
import type { Approval } from "../../database/approvals.ts";
import { namesOf } from "../../database/people-names.ts";
import type { State } from "../views.ts";
import { ACCESS_LABEL, ago } from "../words.ts";
import type { Who } from "./who.ts";
import { left, stateOf } from "./words.ts";

export interface Line {
  readonly href: string;
  readonly title: string;
  readonly vendor: string;
  readonly who: string;
  readonly client: string;
  readonly when: string;
  readonly left: string;
  readonly access: string;
  readonly state: State;
}

export interface Inbox {
  readonly mine: readonly Line[];
  readonly others: readonly Line[];
  readonly closed: readonly Line[];
  readonly older?: string;
}

const MOST_PENDING = 100;
const PAGE = 25;

/** What waits for this person, what of theirs waits for others, and what is over. */
export async function inboxOf(app: FastifyInstance, who: Who, before: string): Promise<Inbox> {
  const { db, clock } = app;
  const now = clock.now();
  const after = readPlace(before);
  const [pending, closed] = await Promise.all([
    after ? [] : pendingApprovals(db, who.viewer, now, MOST_PENDING),
    closedApprovals(db, who.viewer, { now, limit: PAGE + 1, ...(after && { after }) }),
  ]);
  const page = closed.slice(0, PAGE);
  const names = await namesOf(db, who.viewer.org, [...pending, ...page].map(({ user_id }) => user_id)); // biome-ignore format: one thought
  const others = await othersThan(db, { org_id: who.viewer.org, user_id: who.viewer.user });
  // Signing in anew is one step away, so whoever lacks only that can decide.
  const isMine = (one: Approval) => mayApprove(one, { ...who.decider, signedInAt: now }, { others, now }).may;
  const line = (one: Approval): Line => ({
    href: `/approvals/${one.id}`,
    title: app.vendors.get(one.vendor)?.tools.find(({ name }) => name === one.tool)?.title ?? one.tool,
    vendor: app.vendors.get(one.vendor)?.title ?? one.vendor,
    who: one.user_id === who.viewer.user ? "You" : (names.get(one.user_id) ?? "A program"),
    client: one.client_name,
    when: ago(one.created_at, now),
    left: left(one.expires_at, now),
    access: ACCESS_LABEL[one.access],
    state: stateOf(one, now),
  });
  const last = page.at(-1);
  return {
    mine: pending.filter(isMine).map(line),
    others: pending.filter((one) => !isMine(one)).map(line),
    closed: page.map(line),
    ...(closed.length > PAGE && last && { older: `/approvals?before=${placeText(last)}` }),
  };
}
