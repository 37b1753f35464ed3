import type { Call } from "./call-context.ts";
import { ToolError, type ToolErrorCode } from "./errors.ts";

interface Options<Answer> {
  readonly until: (answer: Answer) => boolean;
  /** Between two questions. */
  readonly everyMs: number;
  /** After this the last answer has to do. */
  readonly withinMs: number;
  readonly call: Call;
}

export interface Polled<Answer> {
  /** The last answer, if there was one. */
  readonly answer?: Answer;
  /** Whether `until` was met. */
  readonly finished: boolean;
  /** Why the last question was not answered. */
  readonly problem?: ToolErrorCode;
}

/** What another try may get past; a thing just made may not be found for a moment. */
const MAY_PASS: ReadonlySet<ToolErrorCode> = new Set([
  "VENDOR_NOT_FOUND",
  "VENDOR_CONFLICT",
  "VENDOR_RATE_LIMITED",
  "VENDOR_UNAVAILABLE",
  "TIMEOUT",
]);

/**
 * Asks again until the answer is final or the time is over. A vendor's failure does not throw: what is waited for was started by
 * an earlier step, and an error would make somebody start it a second time.
 * @throws only on cancellation and faults of ours
 */
export async function poll<Answer>(
  ask: () => Promise<Answer>,
  { until, everyMs, withinMs, call }: Options<Answer>,
): Promise<Polled<Answer>> {
  const began = call.now();
  let last: Polled<Answer> = { finished: false };
  for (;;) {
    try {
      const answer = await ask();
      if (until(answer)) return { answer, finished: true };
      last = { answer, finished: false };
    } catch (error) {
      if (!(error instanceof ToolError) || error.code === "CANCELLED") throw error;
      last = { ...last, problem: error.code };
      if (!MAY_PASS.has(error.code)) return last;
    }
    const passed = call.now() - began;
    if (passed + everyMs > withinMs) return last;
    call.progress?.(Math.round(passed / 1000), Math.round(withinMs / 1000));
    await call.sleep(everyMs);
  }
}
