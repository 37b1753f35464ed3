import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { settle } from "./check.ts";
import type { Ground } from "./ground.ts";
import { type Installation, install } from "./installation.ts";
import { openLedger } from "./ledger.ts";
import { mixedLoad } from "./load/mixed.ts";
import { ask, recovery } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";

/** A small disk in memory of this run alone; mounting it needs root. */
interface Disk {
  readonly folder: string;
  /** Takes all that is left. */
  fill(): void;
  free(): void;
}

function mountDisk(ground: Ground, { megabytes }: { megabytes: number }): Disk {
  const folder = join(ground.folder, "disk");
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0755`, "none", folder]);
  ground.afterwards(async () => {
    for (let tries = 0; tries < 50; tries++) {
      try {
        return void execFileSync("umount", [folder], { stdio: "ignore" });
      } catch {
        await sleep(100); // whoever wrote there is still ending
      }
    }
    execFileSync("umount", ["--lazy", folder]);
  });
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill() {
      const { bavail, bsize } = statfsSync(folder);
      try {
        writeFileSync(ballast, Buffer.alloc(bavail * bsize, 1), { flag: "a" });
      } catch (error) {
        if ((error as { code?: string }).code !== "ENOSPC") throw error;
      }
    },
    free: () => existsSync(ballast) && rmSync(ballast),
  };
}

/** The disk of the database is full for some seconds of each round, under load; then there is room again. */
const fullDisk = (storage: "postgres" | "sqlite", megabytes: number): Scenario => ({
  about: `the disk of ${storage === "postgres" ? "PostgreSQL" : "the embedded database"} is full, and then has room again`,
  limitMs: ({ rounds }) => 180_000 + rounds * 60_000,
  async run(ground, { rounds }, progress) {
    const disk = mountDisk(ground, { megabytes });
    const installation = await install(ground, { storage, disk: disk.folder, settings: SMALL });
    const ledger = openLedger();
    const load = await mixedLoad(installation, ledger);
    installation.vendors.changeMs = 100;
    await load.begin();
    await recovery(installation.url, load.probe.token);
    const figures: Record<string, Record<string, number | string>> = {};
    for (let round = 0; round < rounds; round++) {
      await sleep(1500);
      const before = { ...told(ledger) };
      disk.fill();
      const answers = await answersFor(4000, installation, load.probe.token, () => disk.fill());
      const health = await fetch(`${installation.url}/health`).then(
        ({ status }) => status,
        () => 0,
      );
      disk.free();
      const after = told(ledger);
      const recovery_ms = await backAgain(installation, load.probe.token);
      figures[`round ${round + 1}`] = {
        reads_answered: answers.good,
        reads_refused: answers.bad,
        changes_done: after.done - before.done,
        changes_refused: after["not made"] - before["not made"],
        health,
        recovery_ms,
      };
      progress(JSON.stringify(figures[`round ${round + 1}`]));
    }
    await load.end();
    const account = await settle(installation, ledger, load);
    return { figures: { ...figures, load: { ...account } }, problems: ledger.problems };
  },
});

/** As little beside the rows as possible, so that the disk is full when rows fill it. */
const SMALL = ["min_wal_size=32MB", "max_wal_size=64MB", "shared_buffers=16MB"];

export const fullDiskOfPostgres = fullDisk("postgres", 220);
export const fullDiskOfSqlite = fullDisk("sqlite", 40);

function told({ writes }: ReturnType<typeof openLedger>) {
  const count = { open: 0, done: 0, "not made": 0, unknown: 0 };
  for (const each of writes.values()) count[each.told]++;
  return count;
}

async function answersFor(ms: number, { url }: Installation, token: string, meanwhile: () => void) {
  const end = performance.now() + ms;
  const answers = { good: 0, bad: 0 };
  while (performance.now() < end) {
    meanwhile();
    answers[(await ask(url, token)) === undefined ? "good" : "bad"]++;
    await sleep(50);
  }
  return answers;
}

/** PostgreSQL ends itself when it cannot write its log; somebody has to start it again, and that time is not counted. */
async function backAgain({ url, postgres }: Installation, token: string): Promise<number> {
  const start = performance.now();
  if (postgres && !postgres.isUp()) {
    await postgres.start();
    return await recovery(url, token);
  }
  await recovery(url, token);
  return Math.round(performance.now() - start);
}
