import type { Db } from "../database/index.ts";
import { dropLetter, dueLetters, type Letter, putOff } from "../database/outbox.ts";
import { inSystemScope } from "../database/scope.ts";

/** Sends what has to leave the house. Resolves once it left, or is no longer worth sending. */
export type Send = (letter: Letter) => Promise<void>;

export interface Outbox {
  /** Something new is there: looks soon. */
  wake(): void;
  /** Sends what is due, now. */
  run(): Promise<void>;
  close(): Promise<void>;
}

/** Whoever took a letter and died is followed by another after this. */
const LEASE_MS = 60_000;
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 3_600_000;
const MOST_TRIES = 10;
const AT_ONCE = 20;

/** Letters leave at least once, each by itself: one receiver that is away holds up nobody else. */
export function createOutbox({
  db,
  clock,
  send,
  onTrouble,
}: {
  readonly db: Db;
  readonly clock: { now(): number };
  readonly send: Send;
  onTrouble(letter: Letter, error: unknown, last: boolean): void;
}): Outbox {
  let running: Promise<void> | undefined;
  let again = false;

  return {
    // What could not be looked for now is looked for at the next occasion.
    wake: () => void run().catch(() => {}),
    run,
    async close() {
      again = false;
      await running;
    },
  };

  function run(): Promise<void> {
    again = true;
    running ??= inSystemScope(sendAll).finally(() => {
      running = undefined;
    });
    return running;
  }

  async function sendAll() {
    while (again) {
      again = false;
      const due = await dueLetters(db, clock.now(), AT_ONCE);
      await Promise.all(due.map(sendOne));
      if (due.length === AT_ONCE) again = true;
    }
  }

  async function sendOne(letter: Letter) {
    const leased = clock.now() + LEASE_MS;
    if (!(await putOff(db, letter, { due_at: leased }))) return;
    try {
      await send(letter);
      await dropLetter(db, letter.id);
    } catch (error) {
      const tries = letter.tries + 1;
      const last = tries >= MOST_TRIES;
      onTrouble(letter, error, last);
      if (last) return await dropLetter(db, letter.id);
      const wait = Math.min(FIRST_WAIT_MS * 2 ** letter.tries, LONGEST_WAIT_MS);
      await putOff(db, { id: letter.id, due_at: leased }, { tries, due_at: clock.now() + wait });
    }
  }
}
