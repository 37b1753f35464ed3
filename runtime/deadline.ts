export interface Deadline {
  /** Fires when the time is over, or with the first outer signal. */
  readonly signal: AbortSignal;
  /** The time was over first. */
  readonly passed: boolean;
  /** The work is done: forgets timer and listener. */
  end(): void;
}

/**
 * For work that takes at most `ms`. `AbortSignal.timeout` would keep its timer, and all that listens to it, until the time is
 * over however soon the work is done: on a busy gateway that is every call of the last minutes.
 */
export function deadlineAfter(ms: number, ...outers: readonly (AbortSignal | undefined)[]): Deadline {
  const controller = new AbortController();
  let passed = false;
  const timer = setTimeout(() => {
    passed = true;
    controller.abort(new DOMException("The time is over.", "TimeoutError"));
  }, ms);
  const follow = (event: Event) => controller.abort((event.target as AbortSignal).reason); // nothing else is listened to
  for (const outer of outers) {
    if (outer?.aborted) controller.abort(outer.reason);
    outer?.addEventListener("abort", follow, { once: true });
  }
  return {
    signal: controller.signal,
    get passed() {
      return passed;
    },
    end() {
      clearTimeout(timer);
      for (const outer of outers) outer?.removeEventListener("abort", follow);
    },
  };
}
