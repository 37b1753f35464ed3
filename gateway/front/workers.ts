import type { FastifyBaseLogger } from "fastify";
import type { Tenants } from "./host.ts";

export interface WorkersHealth {
  readonly status: "ok" | "partly" | "failing";
  readonly workers: { readonly answering: number; readonly of: number };
}

const PATIENCE_MS = 2000;
/** Anybody may ask the front, and each question is one to every worker: however many ask, workers hear it once a second. */
const GOOD_MS = 1000;

export function createWorkersHealth(tenants: Tenants, log: FastifyBaseLogger): () => Promise<WorkersHealth> {
  let known: { readonly answer: Promise<WorkersHealth>; until: number } | undefined;
  return async () => {
    if (known && performance.now() < known.until) return await known.answer;
    const asking = { answer: askWorkers(tenants, log), until: Number.POSITIVE_INFINITY };
    known = asking;
    const health = await asking.answer; // never rejects, and takes no longer than its patience
    asking.until = performance.now() + GOOD_MS;
    return health;
  };
}

/** Asks every worker whether it is ready. Which ones do not answer is in the log; the answer only counts them. */
async function askWorkers(tenants: Tenants, log: FastifyBaseLogger): Promise<WorkersHealth> {
  const asked = await Promise.all([...tenants].map(([host, origin]) => isWell(origin, log.child({ host }))));
  const answering = asked.filter(Boolean).length;
  const status = answering === asked.length ? "ok" : answering > 0 ? "partly" : "failing";
  return { status, workers: { answering, of: asked.length } };
}

async function isWell(origin: string, log: FastifyBaseLogger): Promise<boolean> {
  try {
    const answer = await fetch(`${origin}/ready`, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: "manual" });
    await answer.body?.cancel();
    if (!answer.ok) log.warn({ status: answer.status }, "worker is not well");
    return answer.ok;
  } catch (err) {
    log.warn({ err }, "worker does not answer");
    return false;
  }
}
