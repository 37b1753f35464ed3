import { setTimeout as sleep } from "node:timers/promises";
import { suites } from "../../test/e2e/cases.ts";
import type { VendorSlug } from "../../test/fakes/keys.ts";
import { percentile } from "../bench/load.ts";
import { type Installation, install } from "./installation.ts";
import { MISBEHAVIOURS, type Misbehaviour, sickVendor } from "./misbehave.ts";
import { toolCall } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";
import { type Seeded, seed } from "./seed.ts";

const SICK: VendorSlug = "datto-rmm";
const WELL: VendorSlug = "itglue";
/** People who call the sick vendor all the time; one of them calls the well one besides. */
const CALLERS = 8;
const HEALTHY_MS = 250;
/** Every call asks its vendor. */
const UNKEPT = { CACHE_TTL_SECONDS: "0" };

interface Calls {
  readonly tookMs: number[];
  readonly codes: Map<string, number>;
}

/** One vendor after the other misbehaviour, while people go on calling it and another one. */
export const troubleWith = (modes: readonly Misbehaviour[]): Scenario => ({
  about: "a vendor that fails, hangs, resets, trickles, sends garbage or a flood: others are served as before",
  limitMs: ({ seconds }) => 180_000 + modes.length * (2 * seconds * 1000 + 90_000),
  async run(ground, { seconds, replicas }, progress) {
    const vendor = sickVendor(ground, SICK);
    const installation = await install(ground, { replicas, instead: vendor.instead, env: UNKEPT });
    const app = await installation.inside();
    const callers: Seeded[] = [];
    for (let n = 0; n < CALLERS; n++) callers.push(await seed(app, { name: `caller-${n}`, vendors: [SICK, WELL] }));
    const neighbour = await seed(app, { name: "neighbour", vendors: [WELL] });
    await app.close();
    const people = { callers, neighbour };
    await during(installation, people, 3); // compiled, cached, connected

    const problems: string[] = [];
    const figures: Record<string, Record<string, number | string>> = {};
    for (const mode of modes) {
      // Right before each, because other work on the machine comes and goes.
      const before = await during(installation, people, seconds);
      vendor.behave(mode);
      const measured = await during(installation, people, seconds);
      vendor.behave(undefined);
      const again = await untilWell(installation, callers[0]!);
      figures[`before ${mode}`] = { ...row(before, installation), well_again_ms: "" };
      figures[mode] = { ...row(measured, installation), well_again_ms: again };
      progress(`${mode}: ${JSON.stringify(figures[mode])}`);
      for (const [who, { codes }] of Object.entries({ neighbour: measured.neighbour, "the same person": measured.own }))
        for (const [code, times] of codes)
          if (code !== "OK" && code !== "no answer yet")
            problems.push(`${mode} at one vendor: ${times} calls of ${who} to another got ${code}`);
      const p50 = [before, measured].map(({ neighbour }) => percentile(neighbour.tookMs, 0.5)) as [number, number];
      if (p50[1] > p50[0] * 2 + 50)
        problems.push(`${mode}: a neighbour's calls took ${p50[1]} ms instead of ${p50[0]} ms`);
    }
    return { figures, problems };
  },
});

export const vendorTrouble = troubleWith(Object.keys(MISBEHAVIOURS) as Misbehaviour[]);

/** All of it for some seconds. */
async function during(
  { url }: Installation,
  { callers, neighbour }: { callers: readonly Seeded[]; neighbour: Seeded },
  seconds: number,
) {
  const end = performance.now() + seconds * 1000;
  const stop = AbortSignal.timeout(seconds * 1000 + 1000); // whoever still hangs then is not waited for
  const calls = (): Calls => ({ tookMs: [], codes: new Map() });
  const measured = { sick: calls(), own: calls(), neighbour: calls() };
  const loop = async (who: Seeded, slug: VendorSlug, { tookMs, codes }: Calls, pauseMs: number) => {
    while (performance.now() < end) {
      const sent = performance.now();
      const code = await call(url, who, slug, stop);
      tookMs.push(performance.now() - sent);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      await sleep(pauseMs);
    }
  };
  await Promise.all([
    ...callers.map((who) => loop(who, SICK, measured.sick, HEALTHY_MS)),
    loop(callers[0]!, WELL, measured.own, HEALTHY_MS / 2),
    loop(neighbour, WELL, measured.neighbour, HEALTHY_MS / 4),
  ]);
  return measured;
}

async function call(url: string, { token }: Seeded, slug: VendorSlug, signal: AbortSignal): Promise<string> {
  const { tool, args } = suites[slug].failing;
  try {
    const answer = await fetch(`${url}/mcp`, { ...toolCall(token, tool, args), signal });
    const text = await answer.text();
    if (answer.status !== 200) return `HTTP ${answer.status}`;
    return text.includes('"isError":true') ? (/"text":"([A-Z_]+)/.exec(text)?.[1] ?? "error") : "OK";
  } catch {
    return signal.aborted ? "no answer yet" : "broken";
  }
}

async function untilWell({ url }: Installation, who: Seeded): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < 80_000) {
    if ((await call(url, who, SICK, AbortSignal.timeout(10_000))) === "OK")
      return Math.round(performance.now() - start);
    await sleep(100);
  }
  return Number.NaN;
}

function row({ sick, own, neighbour }: Awaited<ReturnType<typeof during>>, { replicas }: Installation) {
  const at = ({ tookMs }: Calls, share: number) => Math.round(percentile(tookMs, share));
  return {
    neighbour_p50_ms: at(neighbour, 0.5),
    neighbour_p99_ms: at(neighbour, 0.99),
    same_person_p50_ms: at(own, 0.5),
    same_person_p99_ms: at(own, 0.99),
    sick_p50_ms: at(sick, 0.5),
    sick_max_ms: at(sick, 1),
    sick_answers: said(sick.codes),
    others: [...new Set([...own.codes.keys(), ...neighbour.codes.keys()])].join(", "),
    memory_mb: Math.round(Math.max(...replicas.map((each) => each.usage().rssMb))),
  };
}

const said = (codes: ReadonlyMap<string, number>) => [...codes].map(([code, times]) => `${code} ${times}`).join(", ");
