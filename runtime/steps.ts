import type { Call } from "./call-context.ts";
import { ToolError, type ToolErrorCode } from "./errors.ts";
import type { Coverage } from "./take.ts";

/** After these the other steps would fail the same way, or nobody waits for them. */
const FINAL: ReadonlySet<ToolErrorCode> = new Set(["VENDOR_AUTH", "NOT_CONNECTED", "CANCELLED", "INTERNAL"]);

const isPassing = (error: unknown): error is ToolError => error instanceof ToolError && !FINAL.has(error.code);

/** The answer, or undefined when the vendor refuses or fails; what ends the call (keys, cancellation, our faults) still throws. */
export async function optional<T>(pending: Promise<T>): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (isPassing(error)) return undefined;
    throw error;
  }
}

interface EachOptions {
  readonly atMost: number;
  readonly concurrency?: number;
  readonly call?: Call;
}

/**
 * The same question about each of several items, a few at a time, about at most `atMost` of them. Some may fail: `coverage` says
 * how many. When the vendor's budget is used up, no more are asked.
 * @throws the first failure when none is answered
 */
export async function each<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
  { atMost, concurrency = 4, call }: EachOptions,
): Promise<{ answers: { item: Item; answer: Answer }[]; coverage: Coverage }> {
  const asked = items.slice(0, atMost);
  const answers: ({ item: Item; answer: Answer } | undefined)[] = [];
  const failures: ToolError[] = [];
  let next = 0;
  async function worker() {
    while (next < asked.length) {
      const index = next++;
      const item = asked[index] as Item; // in range by the line above
      try {
        answers[index] = { item, answer: await ask(item) };
      } catch (error) {
        if (!isPassing(error)) next = asked.length;
        if (!isPassing(error)) throw error;
        failures.push(error);
        if (error.code === "VENDOR_RATE_LIMITED") next = Math.max(next, asked.length);
      }
      call?.progress?.(answers.filter(Boolean).length + failures.length, asked.length);
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, asked.length) }, worker));
  const given = answers.filter((answer) => answer !== undefined);
  if (given.length === 0 && failures[0]) throw failures[0];
  const coverage = {
    of: items.length,
    asked: given.length + failures.length,
    answered: given.length,
    failed: failures.length,
  };
  return { answers: given, coverage: { ...coverage, complete: coverage.answered === items.length } };
}

interface PollOptions<Answer> {
  readonly until: (answer: Answer) => boolean;
  /** Milliseconds between two questions. */
  readonly every: number;
  /** Milliseconds after which the last answer has to do. */
  readonly within: number;
}

/**
 * Asks again until the answer is final or the time is over. A vendor's failure is no reason to give up before: what is waited for
 * was started by an earlier step, and losing its id would make somebody start it again.
 */
export async function poll<Answer>(
  ask: () => Promise<Answer>,
  { until, every, within }: PollOptions<Answer>,
  call: Call,
): Promise<{ answer?: Answer; finished: boolean; problem?: ToolErrorCode }> {
  const end = call.now() + within;
  let answer: Answer | undefined;
  let problem: ToolErrorCode | undefined;
  for (;;) {
    try {
      answer = await ask();
      problem = undefined;
      if (until(answer)) return { answer, finished: true };
    } catch (error) {
      if (!(error instanceof ToolError) || error.code === "CANCELLED") throw error;
      problem = error.code;
      if (FINAL.has(error.code) || error.code === "VENDOR_FORBIDDEN") break;
    }
    if (call.now() + every > end) break;
    call.progress?.(Math.round((within - (end - call.now())) / 1000), Math.round(within / 1000));
    await call.sleep(every);
  }
  return { finished: false, ...(answer !== undefined && { answer }), ...(problem && { problem }) };
}
