/** So many requests in any window of this length. */
export interface Budget {
  readonly requests: number;
  readonly windowMs: number;
}

export interface RollingWindow {
  readonly requests: number;
  take(at: number): void;
  /** How many started in the window that ends now. */
  used(at: number): number;
  /** When the request after `ahead` others can start; `requests` may be fewer than the budget's own. */
  freeAt(at: number, ahead: number, requests?: number): number;
}

/** The start times of the last window, oldest first: exact for "so many in any 60 seconds". */
export function rollingWindow({ requests: budget, windowMs }: Budget): RollingWindow {
  const starts: number[] = [];
  const forgetBefore = (at: number) => {
    while (starts.length > 0 && starts[0]! <= at - windowMs) starts.shift();
  };
  return {
    requests: budget,
    take(at) {
      starts.push(at);
    },
    used(at) {
      forgetBefore(at);
      return starts.length;
    },
    freeAt(at, ahead, requests = budget) {
      forgetBefore(at);
      if (starts.length + ahead < requests) return at;
      // The request that must be over a window ago is `requests` places before; those ahead fill whole windows in between.
      const rounds = Math.floor(ahead / requests) + 1;
      return (starts[starts.length + ahead - rounds * requests] ?? at) + rounds * windowMs;
    },
  };
}
