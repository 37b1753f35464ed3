import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../bench/load.ts";
import { settle } from "./check.ts";
import type { Ground } from "./ground.ts";
import { type Installation, install } from "./installation.ts";
import { openLedger } from "./ledger.ts";
import { mixedLoad } from "./load/mixed.ts";
import { ask, recovery } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";

/** What each flush, and each read or write of a file, takes longer, in milliseconds. */
const DISKS = { fast: [0, 0], slow: [20, 1], worn: [100, 5] } as const;

type Kind = keyof typeof DISKS;

const KINDS = Object.keys(DISKS) as Kind[];

interface Disk {
  /** What a process needs in its environment to see it. */
  readonly env: Readonly<Record<string, string>>;
  turn(kind: Kind): void;
}

/** Calls of libc that flush, read and write files are answered later; a disk that is slow below the system looks the same to them. */
function bendDisk({ folder, afterwards }: Ground): Disk {
  const library = join(folder, "slow-disk.so");
  execFileSync("cc", ["-shared", "-fPIC", "-O2", "-o", library, join(import.meta.dirname, "slow-disk.c"), "-ldl"]);
  const path = join(folder, "slow-disk");
  writeFileSync(path, Buffer.alloc(8), { mode: 0o644 });
  const file = openSync(path, "r+");
  afterwards(() => closeSync(file));
  return {
    env: { LD_PRELOAD: library, SLOW_DISK: path },
    turn: (kind) =>
      void writeSync(
        file,
        Uint32Array.from(DISKS[kind], (ms) => ms * 1000),
        0,
        8,
        0,
      ),
  };
}

const slowDisk = (storage: "postgres" | "sqlite"): Scenario => ({
  about: `the disk of ${storage === "postgres" ? "PostgreSQL" : "the embedded database"} is fast, slow and worn by turns: ${KINDS.map((kind) => `${DISKS[kind].join(" + ")} ms`).join(", ")} more for a flush and for an access`,
  limitMs: ({ rounds, seconds }) => 180_000 + rounds * (3 * seconds * 1000 + 10_000),
  async run(ground, { rounds, replicas, seconds }, progress) {
    const disk = bendDisk(ground);
    const installation =
      storage === "postgres"
        ? await install(ground, { replicas, databaseEnv: disk.env })
        : await install(ground, { storage, env: disk.env });
    const ledger = openLedger();
    const load = await mixedLoad(installation, ledger);
    await load.begin();
    await recovery(installation.url, load.probe.token);
    const of = (): Phase => ({ tookMs: [], refused: 0, changes: 0 });
    const phases: Record<Kind, Phase> = { fast: of(), slow: of(), worn: of() };
    for (let round = 0; round < rounds; round++)
      for (const kind of KINDS) {
        disk.turn(kind);
        const before = doneOf(ledger);
        await probe(installation, load.probe.token, seconds * 1000, phases[kind]);
        const changes = doneOf(ledger) - before;
        phases[kind].changes += changes;
        progress(`round ${round + 1} of ${rounds}, ${kind} disk: ${changes} changes in ${seconds} s`);
      }
    disk.turn("fast");
    const recovery_ms = await recovery(installation.url, load.probe.token);
    await load.end();
    const account = await settle(installation, ledger, load);
    const row = ({ tookMs, refused, changes }: Phase) => ({
      reads: tookMs.length,
      refused,
      read_p50_ms: Math.round(percentile(tookMs, 0.5)),
      read_p99_ms: Math.round(percentile(tookMs, 0.99)),
      changes_a_second: Math.round((changes / (rounds * seconds)) * 10) / 10,
    });
    const rows = Object.fromEntries(KINDS.map((kind) => [`${kind} disk`, row(phases[kind])]));
    const errors = Object.fromEntries([...Map.groupBy(ledger.errors, (text) => text.slice(0, 60))].map(([text, all]) => [text, { times: all.length }])); // biome-ignore format: one thought
    return { figures: { ...rows, load: { ...account, recovery_ms }, ...errors }, problems: ledger.problems };
  },
});

export const slowDiskOfPostgres = slowDisk("postgres");
export const slowDiskOfSqlite = slowDisk("sqlite");

const doneOf = ({ writes }: ReturnType<typeof openLedger>) =>
  [...writes.values()].filter(({ told }) => told === "done").length;

interface Phase {
  readonly tookMs: number[];
  refused: number;
  changes: number;
}

/** One whole call after the other. */
async function probe({ url }: Installation, token: string, ms: number, phase: Phase): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const sent = performance.now();
    if ((await ask(url, token, 30_000)) === undefined) phase.tookMs.push(performance.now() - sent);
    else phase.refused++;
    await sleep(50);
  }
}
