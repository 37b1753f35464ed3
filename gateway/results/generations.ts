import type { Db } from "../database/index.ts";
import { beginChange, endChange, findGeneration } from "../database/result-generations.ts";

interface House {
  readonly db: Db;
  readonly log: { error(facts: object, text: string): void };
  now(): number;
}

interface Place {
  readonly org: string;
  readonly vendors: readonly string[];
}

export interface Generations {
  /** Which answers hold now; undefined while a change is under way or has just been made, and none may be kept or used. */
  current(org: string, vendor: string): Promise<number | undefined>;
  /**
   * Runs a change. What was answered before it began is not used after that by any replica, and nothing is kept until it is over: an
   * answer of meanwhile could be from before.
   * @throws what the database throws when the beginning cannot be noted; then nothing ran
   */
  around<Outcome extends { readonly ok: boolean }>(place: Place, run: () => Promise<Outcome>): Promise<Outcome>;
}

/** Longer than a change may take: a process that was killed in the middle of one holds up keeping no longer than this. */
const LONGEST_MS = 250_000;
/** Vendors show a change with some delay of their own; a failed one may still have been made, and be made late. */
const AFTER_SUCCESS_MS = 5_000;
const AFTER_FAILURE_MS = 60_000;

export function createGenerations({ db, log, now }: House): Generations {
  return {
    async current(org, vendor) {
      const row = await findGeneration(db, { org, vendor });
      return row === undefined ? 0 : row.unsettled_until > now() ? undefined : row.generation;
    },
    async around({ org, vendors }, run) {
      for (const vendor of vendors) await beginChange(db, { org, vendor }, now(), now() + LONGEST_MS);
      let waitMs = AFTER_FAILURE_MS;
      try {
        const outcome = await run();
        if (outcome.ok) waitMs = AFTER_SUCCESS_MS;
        return outcome;
      } finally {
        // Should this fail, nothing is kept until the longest time is over: later, and still right.
        for (const vendor of vendors)
          await endChange(db, { org, vendor }, now() + waitMs).catch((err: unknown) =>
            log.error({ err, org, vendor }, "the end of a change is not noted for the cache of results"),
          );
      }
    },
  };
}
