import type { Child } from "./child.ts";
import { type Load, load, median, percentile, type Target } from "./load.ts";

export interface Subject {
  readonly name: string;
  readonly child: Child;
  readonly target: Target;
}

export interface Served {
  readonly name: string;
  readonly connections: number;
  readonly rps: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Of the server's process, user and system together, for one request. */
  readonly cpu_ms: number;
  /** Of the round that other work on the machine disturbed least. */
  readonly least_cpu_ms: number;
  readonly rss_mb: number;
}

export interface Turns {
  readonly connections: number;
  /** Of one turn of one subject. */
  readonly seconds: number;
  readonly rounds?: number;
  progress(line: string): void;
}

/** All subjects in turn, several rounds, so that a noisy minute hits each of them; medians over the rounds. */
export async function takeTurns(
  subjects: readonly Subject[],
  { connections, seconds, rounds: count = 3, progress }: Turns,
): Promise<Served[]> {
  for (const { target } of subjects) await load(target, connections, seconds / 2); // warm
  const rounds: { subject: Subject; load: Load; cpuMs: number; rssMb: number }[] = [];
  for (let round = 1; round <= count; round++) {
    for (const subject of subjects) {
      progress(`${connections} connection(s), round ${round} of ${count}: ${subject.name}`);
      const before = await subject.child.usage();
      const measured = await load(subject.target, connections, seconds);
      const after = await subject.child.usage();
      rounds.push({
        subject,
        load: measured,
        cpuMs: (after.cpuMs - before.cpuMs) / measured.requests,
        rssMb: after.rssMb,
      });
    }
  }
  return subjects.map((subject) => {
    const own = rounds.filter((one) => one.subject === subject);
    return {
      name: subject.name,
      connections,
      rps: Math.round(median(own.map(({ load }) => load.requests / load.seconds))),
      p50_ms: rounded(median(own.map(({ load }) => percentile(load.latenciesMs, 0.5)))),
      p99_ms: rounded(median(own.map(({ load }) => percentile(load.latenciesMs, 0.99)))),
      cpu_ms: rounded(median(own.map(({ cpuMs }) => cpuMs))),
      least_cpu_ms: rounded(Math.min(...own.map(({ cpuMs }) => cpuMs))),
      rss_mb: Math.round(median(own.map(({ rssMb }) => rssMb))),
    };
  });
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;
