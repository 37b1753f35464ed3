import { setTimeout as sleep } from "node:timers/promises";
import { suites } from "../../test/e2e/cases.ts";
import { demoKeys, type VendorSlug } from "../../test/fakes/keys.ts";
import { percentile } from "../bench/load.ts";
import { type Installation, install } from "./installation.ts";
import { loggedErrors } from "./logged.ts";
import { toolCall } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";
import { type Seeded, seed } from "./seed.ts";
import { SIGNED_IN, signInAtHalo } from "./sign-in.ts";

const ALL = Object.keys(demoKeys) as VendorSlug[];
/** So long before their end the sign-ins become due: what the refresher has at least. */
const NOTICE_MS = 240_000;
const CALLS_A_SECOND = 20;
const AT_ONCE = 8;

/** Many people with every vendor, whose sign-ins at one vendor all end within the same minute, while they call. */
export const thousand: Scenario = {
  about: "1,000 people with nine vendors each; all sign-ins at one vendor end at once (rounds: people, in hundreds)",
  limitMs: ({ seconds, rounds }) => 120_000 + rounds * 120_000 + seconds * 2000,
  async run(ground, { replicas, seconds, rounds }, progress) {
    const count = rounds * 100;
    const installation = await install(ground, { replicas });
    const idleMb = memory(installation);
    const people = await peopleWith(installation, count, progress);
    const seededMb = memory(installation);
    const { vendors, url, inside } = installation;
    const app = await inside();
    const endAt = Date.now() + NOTICE_MS;
    const ending = { expires_at: endAt, created_at: endAt - 3_600_000 };
    await app.db.updateTable("credentials").set(ending).where("expires_at", "is not", null).execute();
    const start = Date.now();
    const { tookMs, codes } = await callsOf(url, people, seconds, progress);
    const { renewals } = vendors;
    const states = await app.db.selectFrom("connections").select("status").where("vendor", "=", SIGNED_IN).execute();
    const renewed = await app.db.selectFrom("credentials").select("version").where("version", ">", 1).execute();
    await app.close();
    const broken = states.filter(({ status }) => status !== "active").length;
    const problems = [...codes].filter(([code]) => code !== "OK" && code !== "VENDOR_RATE_LIMITED").map(([code, times]) => `${times} calls got ${code}`); // biome-ignore format: one thought
    if (problems.length > 0) problems.push(...loggedErrors(installation.printed()));
    if (broken > 0) problems.push(`${broken} connections stopped working`);
    const perSecond = Map.groupBy(renewals, (at) => Math.floor(at / 1000));
    return {
      figures: {
        memory: { people: count, connections: count * ALL.length, idle_mb: idleMb, seeded_mb: seededMb, after_mb: memory(installation) }, // biome-ignore format: one thought
        calls: {
          calls: tookMs.length,
          a_second: Math.round(tookMs.length / seconds),
          p50_ms: Math.round(percentile(tookMs, 0.5)),
          p99_ms: Math.round(percentile(tookMs, 0.99)),
          answers: [...codes].map(([code, times]) => `${code} ${times}`).join(", "),
        },
        renewals: {
          due: count,
          renewed: renewed.length,
          asked: renewals.length,
          most_in_a_second: Math.max(0, ...[...perSecond.values()].map((each) => each.length)),
          first_after_s: Math.round((Math.min(...renewals) - start) / 1000),
          last_after_s: Math.round((Math.max(...renewals) - start) / 1000),
          late: renewals.filter((at) => at > endAt).length,
          broken,
        },
      },
      problems,
    };
  },
};

const memory = ({ replicas }: Installation) => Math.round(Math.max(...replicas.map((each) => each.usage().rssMb)));

async function peopleWith({ inside, vendors }: Installation, count: number, progress: (line: string) => void) {
  const app = await inside();
  const give = await signInAtHalo(vendors);
  const people: Seeded[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) {
        const name = `person-${next++}`;
        people.push(await seed(app, { name, vendors: ALL, signedIn: { [SIGNED_IN]: give() } }));
        if (people.length % 100 === 0) progress(`${people.length} people with ${ALL.length} vendors each`);
      }
    }),
  );
  await app.close();
  return people;
}

/** Calls at a steady rate, of people and vendors in turn; nobody waits for anybody else. */
async function callsOf(url: string, people: readonly Seeded[], seconds: number, progress: (line: string) => void) {
  const tookMs: number[] = [];
  const codes = new Map<string, number>();
  const open = new Set<Promise<void>>();
  const start = performance.now();
  for (let n = 0; performance.now() - start < seconds * 1000; n++) {
    const person = people[(n * 37) % people.length]!;
    const call = one(url, person, ALL[n % ALL.length]!).then(({ code, ms }) => {
      codes.set(code, (codes.get(code) ?? 0) + 1);
      tookMs.push(ms);
    });
    open.add(call);
    void call.finally(() => open.delete(call));
    if (n % (CALLS_A_SECOND * 10) === 0) progress(`${tookMs.length} calls`);
    await sleep(Math.max(0, start + ((n + 1) * 1000) / CALLS_A_SECOND - performance.now()));
  }
  await Promise.all(open);
  return { tookMs, codes };
}

async function one(url: string, { token }: Seeded, slug: VendorSlug): Promise<{ code: string; ms: number }> {
  const { tool, args } = suites[slug].failing;
  const sent = performance.now();
  const code = await fetch(`${url}/mcp`, { ...toolCall(token, tool, args), signal: AbortSignal.timeout(60_000) }).then(
    async (answer) => {
      const text = await answer.text();
      if (answer.status !== 200) return `HTTP ${answer.status}`;
      return text.includes('"isError":true') ? (/"text":"([A-Z_]+)/.exec(text)?.[1] ?? "error") : "OK";
    },
    (error: unknown) => String(error),
  );
  return { code, ms: performance.now() - sent };
}
