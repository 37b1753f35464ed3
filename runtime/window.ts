/** So many requests in any window of this length. */
export interface Budget {
  readonly requests: number;
  readonly windowMs: number;
}

/** The start times of the last window, oldest first: exact for "so many in any 60 seconds". */
export function rollingWindow({ requests, windowMs }: Budget) {
  const starts: number[] = [];
  return {
    take(at: number) {
      starts.push(at);
    },
    /** When the request after `ahead` others can start. */
    freeAt(at: number, ahead: number): number {
      while (starts.length > 0 && starts[0]! <= at - windowMs) starts.shift();
      const excess = starts.length + ahead - requests;
      if (excess < 0) return at;
      const round = Math.floor(excess / requests); // whole windows that those ahead will fill
      return (starts[excess % requests] ?? at) + (round + 1) * windowMs;
    },
  };
}
