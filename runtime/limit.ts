import { ToolError } from "./errors.ts";
import { type Budget, rollingWindow } from "./window.ts";

/** What a vendor allows one connection. `all` counts reads and writes together. */
export interface Limits {
  readonly reads?: Budget;
  readonly writes?: Budget;
  readonly all?: Budget;
  readonly concurrency?: number;
}

export type Kind = "read" | "write";

/** Lets requests of one connection through as its vendor allows; the others wait in line. */
export interface Limiter {
  /**
   * Runs `work` when budget and concurrency allow.
   * @throws ToolError VENDOR_RATE_LIMITED at once when the wait would exceed the limiter's longest wait
   * @throws the signal's reason when it aborts while waiting
   */
  run<T>(kind: Kind, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * Starts nothing for so long: the vendor asked for a pause, and going on can get our address blocked. When it does not say for
   * how long, a second, and twice as long each time until something works again.
   */
  pause(ms?: number): void;
}

interface Waiting {
  readonly kind: Kind;
  readonly start: () => void;
}

const MAX_WAIT_MS = 20_000;
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

export function createLimiter(
  limits: Limits,
  { now = Date.now, maxWaitMs = MAX_WAIT_MS }: { now?: () => number; maxWaitMs?: number } = {},
): Limiter {
  const shared = limits.all && rollingWindow(limits.all);
  const windowsFor = (own?: Budget) => [own && rollingWindow(own), shared].filter((window) => window !== undefined);
  const windows = { read: windowsFor(limits.reads), write: windowsFor(limits.writes) };
  const concurrency = limits.concurrency ?? Number.POSITIVE_INFINITY;
  const line: Waiting[] = [];
  let running = 0;
  let pausedUntil = 0;
  let nextPauseMs = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;

  const freeAt = (kind: Kind, ahead: number) =>
    Math.max(pausedUntil, ...windows[kind].map((window) => window.freeAt(now(), ahead)));

  /** Starts whoever may start, in order; a write out of budget does not hold up the reads behind it. */
  function advance() {
    clearTimeout(timer);
    let next = Number.POSITIVE_INFINITY;
    for (const waiting of [...line]) {
      if (running >= concurrency) return; // the next one to finish calls again
      const at = freeAt(waiting.kind, 0);
      if (at > now()) {
        next = Math.min(next, at);
        continue;
      }
      line.splice(line.indexOf(waiting), 1);
      running += 1;
      for (const window of windows[waiting.kind]) window.take(now());
      waiting.start();
    }
    if (next < Number.POSITIVE_INFINITY) timer = setTimeout(advance, next - now()).unref();
  }

  function enter(kind: Kind, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const ahead = line.filter((waiting) => waiting.kind === kind || shared).length;
      const waitMs = freeAt(kind, ahead) - now();
      if (waitMs > maxWaitMs) return reject(tooLong(kind, waitMs));

      const leave = (reason: unknown) => {
        line.splice(line.indexOf(waiting), 1);
        forget();
        reject(reason);
      };
      const cancel = () => leave(signal?.reason);
      const giveUp = () => leave(tooLong(kind, Math.max(freeAt(kind, 0) - now(), 1000)));
      const forget = () => {
        clearTimeout(deadline);
        signal?.removeEventListener("abort", cancel);
      };
      const waiting: Waiting = {
        kind,
        start() {
          forget();
          resolve();
        },
      };
      let deadline: NodeJS.Timeout | undefined;
      line.push(waiting);
      advance();
      if (!line.includes(waiting)) return;
      deadline = setTimeout(giveUp, maxWaitMs);
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  return {
    async run(kind, work, signal) {
      await enter(kind, signal);
      try {
        const answer = await work();
        nextPauseMs = FIRST_PAUSE_MS;
        return answer;
      } finally {
        running -= 1;
        advance();
      }
    },
    pause(ms = nextPauseMs) {
      nextPauseMs = Math.min(nextPauseMs * 2, MAX_PAUSE_MS);
      pausedUntil = Math.max(pausedUntil, now() + Math.min(ms, MAX_PAUSE_MS));
    },
  };
}

const tooLong = (kind: Kind, waitMs: number) => {
  const seconds = Math.ceil(waitMs / 1000);
  return new ToolError(
    "VENDOR_RATE_LIMITED",
    `The ${kind} budget of this connection is used up for about ${seconds} s.`,
    {
      retryAfterSeconds: seconds,
    },
  );
};
