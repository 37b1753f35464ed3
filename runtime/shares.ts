import { type Budget, type RollingWindow, rollingWindow } from "./window.ts";

/** One budget, as each of its members may use it. */
export interface Shares {
  take(member: string, at: number): void;
  /** When the member's next request can start, behind so many of its own that wait. */
  freeAt(member: string, at: number, ahead: number): number;
}

/** Kept for whoever comes new, so that nobody finds the window spent. */
const KEPT = 1 / 5;

/**
 * A budget of many. Those who used it in the last window share four fifths of it equally. The rest is for who comes new: however
 * greedy one member is, the next can start at once, and from then on the greedy one keeps to its smaller share.
 */
export function sharesOf(budget: Budget, whole: RollingWindow): Shares {
  const members = new Map<string, RollingWindow>();

  const active = (at: number) => {
    for (const [member, window] of members) if (window.used(at) === 0) members.delete(member);
    return members;
  };
  const shareOf = (member: string, at: number) => {
    const others = active(at);
    const count = others.size + (others.has(member) ? 0 : 1);
    const kept = budget.requests > 1 ? Math.max(1, Math.floor(budget.requests * KEPT)) : 0;
    return Math.max(1, Math.floor((budget.requests - kept) / count));
  };

  return {
    take(member, at) {
      const own = members.get(member) ?? rollingWindow(budget);
      members.set(member, own);
      own.take(at);
      whole.take(at);
    },
    freeAt(member, at, ahead) {
      const own = members.get(member) ?? rollingWindow(budget);
      return Math.max(own.freeAt(at, ahead, shareOf(member, at)), whole.freeAt(at, 0));
    },
  };
}

/** Decides who is next among members who wait: each once, and first whoever was not served for longest. */
export function createTurns() {
  const served = new Set<string>(); // in the order of their last turn

  return {
    note(member: string) {
      served.delete(member);
      served.add(member);
      if (served.size > MAX_REMEMBERED) served.delete(served.values().next().value!);
    },
    inOrder<Waiting extends { readonly member: string }>(line: readonly Waiting[]): Waiting[] {
      const places = new Map([...served].map((member, place) => [member, place]));
      const before = new Map<string, number>();
      const turns = line.map((waiting) => {
        const turn = before.get(waiting.member) ?? 0;
        before.set(waiting.member, turn + 1);
        return { waiting, turn, place: places.get(waiting.member) ?? -1 };
      });
      return turns.sort((a, b) => a.turn - b.turn || a.place - b.place).map(({ waiting }) => waiting);
    },
  };
}

const MAX_REMEMBERED = 1000;
