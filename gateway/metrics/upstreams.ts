/** How a vendor's answers to this process have been lately. */
export interface Upstream {
  /** Epoch milliseconds; undefined when it has not answered well since this process began. */
  readonly lastSuccessAt: number | undefined;
  /** In the last five minutes. */
  readonly requests: number;
  /** Of those: no answer, or one that says that the vendor has a problem (5xx). */
  readonly failed: number;
}

export interface Upstreams {
  /** @param status undefined when no answer came */
  note(vendor: string, status: number | undefined): void;
  of(vendor: string): Upstream;
}

const MINUTE_MS = 60_000;
const MINUTES = 5;

interface Minute {
  readonly minute: number;
  requests: number;
  failed: number;
}

export function createUpstreams(now: () => number): Upstreams {
  const minutes = new Map<string, Minute[]>();
  const lastSuccess = new Map<string, number>();

  function current(vendor: string): Minute {
    const minute = Math.floor(now() / MINUTE_MS);
    const known = minutes.get(vendor);
    const last = known?.at(-1);
    if (last?.minute === minute) return last;
    const begun = { minute, requests: 0, failed: 0 };
    minutes.set(vendor, [...(known ?? []).slice(1 - MINUTES), begun]);
    return begun;
  }

  return {
    note(vendor, status) {
      const counts = current(vendor);
      counts.requests++;
      if (status === undefined || status >= 500) counts.failed++;
      else if (status < 400) lastSuccess.set(vendor, now());
    },
    of(vendor) {
      const oldest = Math.floor(now() / MINUTE_MS) - MINUTES;
      const recent = (minutes.get(vendor) ?? []).filter(({ minute }) => minute > oldest);
      const sum = (key: "requests" | "failed") => recent.reduce((all, one) => all + one[key], 0);
      return { lastSuccessAt: lastSuccess.get(vendor), requests: sum("requests"), failed: sum("failed") };
    },
  };
}
