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

export type HostTurn = Turn & { readonly orgs: readonly string[] };

const orgsOf = (members: readonly Member[]): ReadonlySet<string> => new Set(members.map(({ org }) => org));

/** Who has asked within this is counted. */
const RECENT_MS = 60_000;
const STREAK = 3;
const FEWEST_FAILING = 2;
const MOST_MEMBERS = 500;

/**
 * Trips when most of those who asked lately get nothing but outages. Where several organisations ask, several must be failing:
 * nobody can stop another's requests by making their own fail.
 */
export function breakerOfHost({ now, onTurn }: { now(): number; onTurn(turn: HostTurn): void }): HostBreaker {
  const members = new Map<string, Member>();
  /** Whose requests are held back: those who asked before the first pause. */
  let held: ReadonlySet<string> = new Set();
  const breaker = createBreaker({ now, onTurn: turned, trips: areFailing, forget: () => members.clear() });

  function areFailing() {
    const asking = recent();
    const failing = asking.filter(({ streak }) => streak >= STREAK);
    return (
      failing.length >= FEWEST_FAILING &&
      failing.length * 2 > asking.length &&
      (orgsOf(asking).size === 1 || orgsOf(failing).size >= FEWEST_FAILING)
    );
  }

  function recent() {
    return [...members.values()].filter(({ at }) => at > now() - RECENT_MS);
  }

  function turned(turn: Turn) {
    if (turn.open && !turn.again) held = orgsOf(recent());
    onTurn({ ...turn, orgs: [...held] });
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
