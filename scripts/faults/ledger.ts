import { randomBytes } from "node:crypto";

/** How a change came to be allowed. */
export type Way = "approved" | "standing" | "unasked";

/**
 * What the client was told of one change: `done`, that it was not made, or that nobody knows; `open` while nothing was
 * told, which is how it stays when the connection broke.
 */
export type Told = "open" | "done" | "not made" | "unknown";

export interface Written {
  readonly way: Way;
  told: Told;
}

/** Everything that was acknowledged to the load of a run, put down before and after each step. */
export interface Ledger {
  readonly writes: Map<string, Written>;
  /** A new mark, put down as open before anything is sent. */
  write(way: Way): string;
  reads: number;
  /** Reads that were answered with what was kept of an earlier one: no credential is opened for them. */
  cached: number;
  refreshes: number;
  /** The newest value that was acknowledged, and the newest that was tried, by what was changed. */
  readonly values: Map<string, { acknowledged: number; tried: number }>;
  /** Tokens that the gateway said have ended. */
  readonly ended: string[];
  /** Errors as clients got them, to be searched for secrets. */
  readonly errors: string[];
  /** Things that must never be in a log, a dump, an export or an error. */
  readonly secrets: Set<string>;
  /** What went wrong that no fault explains. */
  readonly problems: string[];
}

export function openLedger(): Ledger {
  const ledger: Ledger = {
    writes: new Map(),
    write(way) {
      const mark = `fault-${way}-${ledger.writes.size}-${randomBytes(4).toString("hex")}`;
      ledger.writes.set(mark, { way, told: "open" });
      return mark;
    },
    reads: 0,
    cached: 0,
    refreshes: 0,
    values: new Map(),
    ended: [],
    errors: [],
    secrets: new Set(),
    problems: [],
  };
  return ledger;
}
