/** Told to whoever asks for more while as much is under way as may be. */
class TooManyAtOnce extends Error {
  override readonly name = "TooManyAtOnce";
  readonly statusCode = 429;
  readonly code = "RATE_LIMITED";
  readonly retryAfterSeconds = 1;
  constructor() {
    super("Your organisation is searching its trail several times already. Try again in a moment.");
  }
}

export type FewAtOnce = <Result>(org: string, work: () => Promise<Result>) => Promise<Result>;

/** A search may take a database connection for seconds: no organisation takes all that others need. @throws TooManyAtOnce */
export function fewAtOnce(most: number): FewAtOnce {
  const running = new Map<string, number>();
  return async (org, work) => {
    const before = running.get(org) ?? 0;
    if (before >= most) throw new TooManyAtOnce();
    running.set(org, before + 1);
    try {
      return await work();
    } finally {
      const left = running.get(org)! - 1;
      if (left > 0) running.set(org, left);
      else running.delete(org);
    }
  };
}
