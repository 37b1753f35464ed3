import type { Generations } from "./generations.ts";
import { keyOf, type Question } from "./keys.ts";
import type { Kept, ResultKeys, ResultStore } from "./stores.ts";

/** An answer that may be used for somebody else who asks the same, and that will not do for others. */
export interface Answered<Outcome> {
  readonly outcome: Outcome;
  /** The text to keep; undefined when it must not be. */
  readonly keep?: string;
}

/** What came of it: asked now, or an answer of before. */
export type Found<Outcome> = { readonly asked: Outcome } | { readonly kept: Kept };

export interface ResultCache {
  readonly generations: Generations;
  /** Answers a question from what is kept, from somebody who is asking the same at this moment, or by asking. */
  answer<Outcome>(question: Question, ttlMs: number, ask: () => Promise<Answered<Outcome>>): Promise<Found<Outcome>>;
}

interface House {
  readonly generations: Generations;
  readonly keys: ResultKeys;
  /** Where to look now: Redis when it is there, or this process. */
  store(): ResultStore;
  count(vendor: string, result: "hit" | "miss" | "joined"): void;
  readonly log: { warn(facts: object, text: string): void };
  now(): number;
}

/**
 * Whoever asks here may do so: that is decided before. A generation is read from the database with each question, so that no
 * message, and no Redis, is needed for an answer from before a change not to be used after it.
 */
export function createResultCache({ generations, keys, store, count, log, now }: House): ResultCache {
  const underWay = new Map<string, Promise<Kept | undefined>>();
  const tried = <Result>(act: Promise<Result>) =>
    act.catch((err: unknown) => {
      log.warn({ err }, "cache of results");
      return undefined;
    });

  async function askAndKeep<Outcome>(
    question: Question,
    key: string,
    ttlMs: number,
    ask: () => Promise<Answered<Outcome>>,
  ): Promise<Outcome> {
    const at = now();
    const { promise, resolve } = Promise.withResolvers<Kept | undefined>();
    underWay.set(key, promise);
    let kept: Kept | undefined;
    try {
      const { outcome, keep } = await ask();
      if (keep !== undefined) {
        kept = { json: keep, at };
        tried(store().put(question.org, key, kept, ttlMs));
      }
      return outcome;
    } finally {
      underWay.delete(key);
      resolve(kept);
    }
  }

  return {
    generations,
    async answer(question, ttlMs, ask) {
      const { org, vendor } = question;
      const generation = await generations.current(org, vendor);
      if (generation === undefined) return { asked: (await ask()).outcome };
      const key = keyOf(keys, question, generation);
      const joined = await patiently(underWay.get(key));
      const kept = joined ?? (await tried(store().get(org, key)));
      // Of the future is what was kept before the clock was set back: nobody knows how old it is.
      if (kept && Math.abs(now() - kept.at) < ttlMs) {
        count(vendor, joined ? "joined" : "hit");
        return { kept };
      }
      count(vendor, "miss");
      // Somebody may have begun while the store was asked; the second to begin does not displace the first.
      if (underWay.has(key)) return { asked: (await ask()).outcome };
      return { asked: await askAndKeep(question, key, ttlMs, ask) };
    },
  };
}

/** Whoever waits for somebody else's answer asks in the end. */
const MOST_JOINED_MS = 20_000;

async function patiently<Answer>(answer: Promise<Answer> | undefined): Promise<Answer | undefined> {
  if (!answer) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(done, MOST_JOINED_MS, undefined);
  });
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
