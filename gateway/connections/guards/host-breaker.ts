import type { End } from "../../../runtime/index.ts";
import { type Breaker, createBreaker, type Turn } from "./breaker.ts";

interface Member {
  readonly org: string;
  /** Outages since the last answer. */
  streak: number;
  at: number;
}

/** The breaker of one address, for all connections that lead there. */
export interface HostBreaker extends Pick<Breaker, "waitMs"> {
  begin(member: { id: string; org: string }): (end: End) => void;
}

/** Who has asked within this is counted. */
const RECENT_MS = 60_000;
const STREAK = 3;
const FEWEST_FAILING = 2;
const MOST_MEMBERS = 500;

/**
 * Trips when most of those who asked lately get nothing but outages. Where several organisations ask, several must be failing:
 * nobody can stop another's requests by making their own fail.
 */
export function breakerOfHost({ now, onTurn }: { now(): number; onTurn(turn: Turn): void }): HostBreaker {
  const members = new Map<string, Member>();
  const breaker = createBreaker({ now, onTurn, trips: areFailing, forget: () => members.clear() });

  function areFailing() {
    const recent = [...members.values()].filter(({ at }) => at > now() - RECENT_MS);
    const failing = recent.filter(({ streak }) => streak >= STREAK);
    const orgs = (of: readonly Member[]) => new Set(of.map(({ org }) => org)).size;
    return (
      failing.length >= FEWEST_FAILING &&
      failing.length * 2 > recent.length &&
      (orgs(recent) === 1 || orgs(failing) >= FEWEST_FAILING)
    );
  }

  return {
    waitMs: breaker.waitMs,
    begin({ id, org }) {
      const end = breaker.begin();
      return (how) => {
        if (how !== "nothing") note(id, org, how);
        end(how);
      };
    },
  };

  function note(id: string, org: string, how: Exclude<End, "nothing">) {
    const streak = how === "outage" ? (members.get(id)?.streak ?? 0) + 1 : 0;
    members.delete(id); // and back in at the end: the map's order is that of last use
    members.set(id, { org, streak, at: now() });
    if (members.size > MOST_MEMBERS) members.delete(members.keys().next().value!);
  }
}
