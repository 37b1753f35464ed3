export interface Deadline {
  /** Fires when the time is over, or with the outer signal. */
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
export function deadlineAfter(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  let passed = false;
  const timer = setTimeout(() => {
    passed = true;
    controller.abort(new DOMException("The time is over.", "TimeoutError"));
  }, ms);
  const follow = () => controller.abort(outer?.reason);
  if (outer?.aborted) follow();
  outer?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    get passed() {
      return passed;
    },
    end() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", follow);
    },
  };
}
