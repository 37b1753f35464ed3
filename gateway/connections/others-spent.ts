interface Heard {
  readonly others: number;
  /** When all of it has left the window. */
  readonly until: number;
}

const NOTHING: Heard = { others: 0, until: 0 };

/**
 * What other replicas had spent of each budget when the place of counting was last whole. A new place does not know it before
 * they have told it themselves; as long as each replica leaves them that much, all together spend no more than there is.
 */
export function createOthersSpent() {
  const heard = new Map<string, Heard>();
  const before = new Map<string, Heard>();
  return {
    hear: (key: string, last: Heard) => void heard.set(key, last),
    /** From here on what is heard comes from another place. */
    move(now: number) {
      for (const [key, last] of heard) {
        const known = before.get(key) ?? NOTHING;
        if (known.until <= now || known.others < last.others) before.set(key, last);
      }
      heard.clear();
    },
    /** What is still to be left to them. */
    of(key: string, now: number): Heard {
      const known = before.get(key) ?? NOTHING;
      if (known.until > now) return known;
      before.delete(key);
      return NOTHING;
    },
    forget(key: string) {
      heard.delete(key);
      before.delete(key);
    },
  };
}
