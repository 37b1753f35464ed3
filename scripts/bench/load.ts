import { Client } from "undici";

export interface Target {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Load {
  readonly requests: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

/**
 * Closed loop: each connection sends its next request when the last one is answered.
 * @param targets of connections by turns, when there are several
 * @throws Error for an answer that is not 200 or holds an error: a fast failure is not a figure.
 */
export async function load(targets: Target | readonly Target[], connections: number, seconds: number): Promise<Load> {
  const all = [targets].flat();
  const latenciesMs: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;

  async function connection(target: Target) {
    const { origin, pathname } = new URL(target.url);
    const client = new Client(origin, { pipelining: 1 });
    try {
      while (performance.now() < end) {
        const sent = performance.now();
        const answer = await client.request({ path: pathname, ...target, headers: { ...target.headers } });
        const text = await answer.body.text();
        latenciesMs.push(performance.now() - sent);
        if (answer.statusCode !== 200 || text.includes('"isError":true') || text.includes('"error":')) {
          throw new Error(`${target.url} answered ${answer.statusCode}: ${text.slice(0, 200)}`);
        }
      }
    } finally {
      await client.close();
    }
  }

  await Promise.all(Array.from({ length: connections }, (_, index) => connection(all[index % all.length]!)));
  return { requests: latenciesMs.length, seconds: (performance.now() - start) / 1000, latenciesMs };
}

/** The value below which `share` (0–1) of the values lie; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);
