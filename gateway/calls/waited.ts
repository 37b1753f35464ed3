/** How long something outside was waited for. */
export interface Waited {
  /** It was waited for since so many milliseconds, until now. */
  note(ms: number): void;
  /** In milliseconds; of requests that ran side by side only the time in which at least one did. */
  total(): number;
}

export function createWaited(now: () => number = () => performance.now()): Waited {
  // Apart from each other, in order: each request is noted when it ends, so only the last ones can touch it.
  const spans: { from: number; to: number }[] = [];
  return {
    note(ms) {
      const to = now();
      let from = to - ms;
      for (let last = spans.at(-1); last && last.to >= from; last = spans.at(-1)) {
        from = Math.min(from, last.from);
        spans.pop();
      }
      spans.push({ from, to });
    },
    total: () => spans.reduce((sum, { from, to }) => sum + to - from, 0),
  };
}
