import type { Fault, Verdict } from "./verify.ts";

/** What a verdict means and what to do now, for a person. */
export function wordsOf(verdict: Verdict): string {
  if (verdict.ok) {
    const { events, after, anchors } = verdict;
    const kept = after ? `, from event ${after + 1} on; earlier ones were taken by retention` : "";
    return `intact, ${counted(events, "event")}${anchors ? `, ${counted(anchors, "anchor")}` : ""}${kept}`;
  }
  const { what, next } = WORDS[verdict.reason];
  return `${what.replace("#", `event ${verdict.seq}`)} ${next}`;
}

const counted = (number: number, thing: string) => `${number} ${thing}${number === 1 ? "" : "s"}`;

const KEEP = "Keep the database as it is, compare with a copy from outside (file, collector, backup), and report it.";

const WORDS: Record<Fault, { what: string; next: string }> = {
  changed: { what: "changed at #.", next: KEEP },
  missing: { what: "missing at #: it was deleted or moved.", next: KEEP },
  inserted: { what: "inserted at #: nothing leads to it.", next: KEEP },
  cut: { what: "cut at #: this and what followed is gone.", next: KEEP },
  rewritten: { what: "rewritten up to #: the chain is whole but is not the one that was anchored.", next: KEEP },
  "forged anchor": { what: "forged anchor at #: its signature is not ours.", next: KEEP },
  "key missing": {
    what: "key missing at #: it was written with an audit key that is not in AUDIT_KEY.",
    next: "Add the old key behind the new one and verify again.",
  },
  unanchored: {
    what: "anchor missing behind #: the chain is whole, but no anchor from outside shows that its end is.",
    next: "Look into the log why anchors are not written.",
  },
  unfinished: {
    what: "unfinished: whole up to #, then the time was over.",
    next: "Run npm run audit -- verify for the rest.",
  },
};
