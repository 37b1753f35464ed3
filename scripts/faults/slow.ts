import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../bench/load.ts";
import { settle } from "./check.ts";
import { type Installation, install } from "./installation.ts";
import { openLedger } from "./ledger.ts";
import { mixedLoad } from "./load/mixed.ts";
import { ask, recovery } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";

/** What PostgreSQL is told to wait before each flush of its log; more than this it does not take. */
const FLUSH_MS = 100;

/**
 * A disk whose flushes take long, as whoever commits sees it: PostgreSQL waits before each (`commit_delay`). Reads from disk are
 * as fast as ever.
 */
export const slowDisk: Scenario = {
  about: `PostgreSQL waits ${FLUSH_MS} ms before each flush, as on a slow disk`,
  limitMs: ({ rounds, seconds }) => 180_000 + rounds * (2 * seconds * 1000 + 10_000),
  async run(ground, { rounds, replicas, seconds }, progress) {
    const installation = await install(ground, { replicas, settings: ["commit_siblings=0"] });
    const ledger = openLedger();
    const load = await mixedLoad(installation, ledger);
    await load.begin();
    await recovery(installation.url, load.probe.token);
    const took = { fast: [] as number[], slow: [] as number[] };
    const done = { fast: 0, slow: 0 };
    for (let round = 0; round < rounds; round++)
      for (const disk of ["fast", "slow"] as const) {
        await installation.postgres!.delayFlushes(disk === "slow" ? FLUSH_MS : 0);
        const before = doneOf(ledger);
        took[disk].push(...(await probed(installation, load.probe.token, seconds * 1000)));
        done[disk] += doneOf(ledger) - before;
        progress(`round ${round + 1} of ${rounds}, ${disk} disk: ${doneOf(ledger) - before} changes in ${seconds} s`);
      }
    await installation.postgres!.delayFlushes(0);
    await load.end();
    for (const error of new Set(ledger.errors)) ledger.problems.push(`with a slow disk: ${error.slice(0, 200)}`);
    const account = await settle(installation, ledger, load);
    const row = (disk: "fast" | "slow") => ({
      read_p50_ms: Math.round(percentile(took[disk], 0.5)),
      read_p99_ms: Math.round(percentile(took[disk], 0.99)),
      changes_a_second: Math.round((done[disk] / (rounds * seconds)) * 10) / 10,
    });
    return { figures: { "fast disk": row("fast"), "slow disk": row("slow"), load: { ...account } }, problems: ledger.problems }; // biome-ignore format: one thought
  },
};

const doneOf = ({ writes }: ReturnType<typeof openLedger>) =>
  [...writes.values()].filter(({ told }) => told === "done").length;

async function probed({ url }: Installation, token: string, ms: number): Promise<number[]> {
  const end = performance.now() + ms;
  const tookMs: number[] = [];
  while (performance.now() < end) {
    const sent = performance.now();
    if ((await ask(url, token, 30_000)) === undefined) tookMs.push(performance.now() - sent);
    await sleep(50);
  }
  return tookMs;
}
