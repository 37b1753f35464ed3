/** What a running tool knows about its call. */
export interface Call {
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
  /** Rejects with the signal's reason when the call is cancelled. */
  sleep(ms: number): Promise<void>;
  progress?(done: number, total?: number, message?: string): void;
}

/** A call on the real clock. */
export function newCall({
  signal,
  now = Date.now,
  progress,
}: Partial<Pick<Call, "signal" | "now" | "progress">> = {}): Call {
  return { signal, now, progress, sleep: (ms) => sleep(ms, signal) };
}

/** Waits; rejects at once with the signal's reason when it aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", cancel);
      resolve();
    }, ms);
    signal?.addEventListener("abort", cancel, { once: true });
  });
}

/** The promise, or the signal's reason as soon as it aborts; the promise itself goes on for whoever else waits for it. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const cancel = () => reject(signal.reason);
    signal.addEventListener("abort", cancel, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", cancel));
  });
}
