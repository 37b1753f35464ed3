import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../bench/load.ts";
import { settle } from "./check.ts";
import { install } from "./installation.ts";
import { openLedger } from "./ledger.ts";
import { mixedLoad } from "./load/mixed.ts";
import { ask, recovery } from "./recovery.ts";
import { course, type Series } from "./samples.ts";
import type { Scenario } from "./scenario.ts";

const EVERY_MS = 10_000;
/** As in a container of 512 MB: without a bound V8 collects so late that memory says nothing. */
const HEAP_MB = 256;
/** Caches fill and code is compiled; what is measured is what comes after. */
const WARM_SHARE = 0.15;

/** Low and steady, without a fault: what grows now grows for ever. */
export const soak: Scenario = {
  about: "a steady load without a fault: memory, files, sockets and database connections",
  limitMs: ({ seconds }) => seconds * 1000 + 600_000,
  async run(ground, { seconds, replicas }, progress) {
    const command = [process.execPath, `--max-old-space-size=${HEAP_MB}`, "--trace-gc"] as const;
    const installation = await install(ground, { replicas, commands: Array.from({ length: replicas }, () => command) });
    const ledger = openLedger();
    const load = await mixedLoad(installation, ledger, { pauseMs: 400 });
    await load.begin();
    await recovery(installation.url, load.probe.token);
    const series: Record<string, { at: number; value: number }[]> = {};
    const note = (name: string, at: number, value: number) => {
      series[name] = [...(series[name] ?? []), { at, value }];
    };
    const tookMs: number[] = [];
    const start = performance.now();
    let due = start + seconds * 1000 * WARM_SHARE;
    while (performance.now() - start < seconds * 1000) {
      const sent = performance.now();
      const trouble = await ask(installation.url, load.probe.token, 30_000);
      tookMs.push(performance.now() - sent);
      if (trouble) ledger.errors.push(trouble);
      else ledger.reads++;
      if (performance.now() >= due) {
        due += EVERY_MS;
        const at = performance.now();
        for (const [index, each] of installation.replicas.entries()) {
          const { rssMb, files, sockets, cpuMs } = each.usage();
          note(`gateway ${index + 1}: memory, MB`, at, rssMb);
          note(`gateway ${index + 1}: open files`, at, files);
          note(`gateway ${index + 1}: sockets`, at, sockets);
          note(`gateway ${index + 1}: CPU, ms`, at, cpuMs);
        }
        for (const [index, each] of installation.replicas.entries()) {
          const live = liveHeapMb(each.printed(2000));
          if (live !== undefined) note(`gateway ${index + 1}: heap after a full collection, MB`, at, live);
        }
        note("database connections", at, await installation.postgres!.connections());
        const [memory] = Object.values(series);
        progress(`${Math.round((at - start) / 1000)} s: ${memory!.at(-1)!.value} MB, ${ledger.reads} reads, ${ledger.writes.size} changes, ${ledger.errors.length} errors`); // biome-ignore format: one thought
      }
      await sleep(250);
    }
    await load.end();
    for (const error of new Set(ledger.errors)) ledger.problems.push(`without a fault: ${error.slice(0, 200)}`);
    ledger.problems.push(...growing(series));
    const account = await settle(installation, ledger, load);
    const steps = ledger.reads + ledger.writes.size + ledger.refreshes + account.changes;
    return {
      figures: {
        ...Object.fromEntries(Object.entries(series).map(([name, each]) => [name, course(each)])),
        "probe of a whole call": { calls: tookMs.length, p50_ms: at(tookMs, 0.5), p99_ms: at(tookMs, 0.99), max_ms: at(tookMs, 1) }, // biome-ignore format: one thought
        load: { seconds, steps_a_second: Math.round((steps / seconds) * 10) / 10, ...account },
      },
      problems: ledger.problems,
    };
  },
};

/** What the newest full collection left, as V8 printed it. */
function liveHeapMb(printed: string): number | undefined {
  const found = printed.match(/Mark-Compact[^\n]*? -> [\d.]+/g)?.at(-1);
  return found === undefined ? undefined : Number(found.slice(found.lastIndexOf(" ")));
}

const at = (values: readonly number[], share: number) => Math.round(percentile(values, share));

/** Files, sockets and connections stay where they are; memory may breathe, and no more. */
function growing(series: Readonly<Record<string, Series>>): string[] {
  return Object.entries(series).flatMap(([name, each]) => {
    if (name.endsWith("CPU, ms")) return [];
    const { first, last } = course(each);
    const most = name.endsWith(", MB") ? first * 1.2 : first + 20;
    return last > most ? [`${name} grew from ${first} to ${last}`] : [];
  });
}
