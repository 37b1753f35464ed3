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
   * @param isClear whether this end says what the vendor has done
   * @throws what the database throws when the beginning cannot be noted; then nothing ran
   */
  around<Outcome>(place: Place, run: () => Promise<Outcome>, isClear: (outcome: Outcome) => boolean): Promise<Outcome>;
}

/** Longer than a change may take: a process that was killed in the middle of one holds up keeping no longer than this. */
const LONGEST_MS = 250_000;
/** Vendors show a change with some delay of their own; one whose end is unclear may still be made, and late. */
const AFTER_CLEAR_MS = 5_000;
const AFTER_UNCLEAR_MS = 60_000;

export function createGenerations({ db, log, now }: House): Generations {
  return {
    async current(org, vendor) {
      const row = await findGeneration(db, { org, vendor });
      return row === undefined ? 0 : row.unsettled_until > now() ? undefined : row.generation;
    },
    async around({ org, vendors }, run, isClear) {
      for (const vendor of vendors) await beginChange(db, { org, vendor }, now(), now() + LONGEST_MS);
      let clear = false;
      try {
        const outcome = await run();
        clear = isClear(outcome);
        return outcome;
      } finally {
        const settledAt = now() + (clear ? AFTER_CLEAR_MS : AFTER_UNCLEAR_MS);
        // Should this fail, nothing is kept until the longest time is over: later, and still right.
        for (const vendor of vendors)
          await endChange(db, { org, vendor }, { settledAt, clear }).catch((err: unknown) =>
            log.error({ err, org, vendor }, "the end of a change is not noted for the cache of results"),
          );
      }
    },
  };
}
