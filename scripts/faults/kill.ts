import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../bench/load.ts";
import { settle } from "./check.ts";
import { type Installation, install, type Plan } from "./installation.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { mixedLoad } from "./load/mixed.ts";
import { recovery } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";

/** Ends something and brings it back; resolves when the fault is over. @returns what the next round has to wait for */
type Fault = (installation: Installation, round: number) => Promise<{ readonly whole?: Promise<unknown> } | undefined>;

const kills = (about: string, fault: Fault, plan: Plan = {}): Scenario => ({
  about,
  limitMs: ({ rounds }) => 120_000 + rounds * 45_000,
  async run(ground, { rounds, replicas }, progress) {
    const installation = await install(ground, { ...plan, replicas });
    const ledger = openLedger();
    const load = await mixedLoad(installation, ledger);
    installation.vendors.changeMs = 300; // so that a fault meets changes that are under way
    await load.begin();
    await recovery(installation.url, load.probe.token);
    const recovered: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await busy(ledger);
      await sleep((round * 97) % 500); // each fault meets another moment
      const whole = (await fault(installation, round))?.whole;
      recovered.push(await recovery(installation.url, load.probe.token));
      progress(`round ${round + 1} of ${rounds}: a call was answered ${recovered.at(-1)} ms later`);
      await whole;
    }
    await load.end();
    const account = await settle(installation, ledger, load);
    return {
      figures: {
        recovery: { rounds, replicas, p50_ms: median(recovered), max_ms: Math.max(...recovered) },
        load: { ...account },
      },
      problems: ledger.problems,
    };
  },
});

const MOST_WAIT_MS = 8000;

/** Resolves when enough was acknowledged since the last fault that there is something to lose. */
async function busy({ writes }: Ledger): Promise<void> {
  const done = () => [...writes.values()].filter(({ told }) => told === "done").length;
  const enough = done() + 5;
  for (let waited = 0; waited < MOST_WAIT_MS && done() < enough; waited += 50) await sleep(50);
}

/** The replica that is killed is started again at once, as a supervisor does; the time it takes to start counts. */
export const killGateway = kills("kill -9 of one gateway process", async ({ replicas }, round) => {
  const victim = replicas[round % replicas.length]!;
  await victim.kill();
  return { whole: victim.start() };
});

export const killPostgres = kills("kill -9 of every process of PostgreSQL", async ({ postgres }) => {
  await postgres!.kill();
  await sleep(200);
  await postgres!.start();
  return undefined;
});

/** In turn. */
export const restartPostgres = kills("PostgreSQL stopped, fast and immediate in turn", async ({ postgres }, round) => {
  await postgres!.stop(round % 2 ? "immediate" : "fast");
  await sleep(200);
  await postgres!.start();
  return undefined;
});

export const cutConnections = kills("every database connection ended by pg_terminate_backend", async ({ postgres }) => {
  await postgres!.cutConnections();
  return undefined;
});

const PAUSE_MS = 5000;

export const pausePostgres = kills(
  "PostgreSQL stopped for 5 s with its sockets open (SIGSTOP)",
  async ({ postgres }) => {
    postgres!.pause();
    await sleep(PAUSE_MS);
    postgres!.resume();
  },
);

/** It comes back empty. */
export const killRedis = kills(
  "kill -9 of Redis",
  async ({ redis }) => {
    await redis!.kill();
    await sleep(1000);
    await redis!.start();
    return undefined;
  },
  { redis: true },
);
