import type { FastifyBaseLogger } from "fastify";
import type { Tenants } from "./host.ts";

export interface WorkersHealth {
  readonly status: "ok" | "partly" | "failing";
  readonly workers: { readonly answering: number; readonly of: number };
}

const PATIENCE_MS = 2000;

/** Asks every worker whether it is ready. Which ones do not answer is in the log; the answer only counts them. */
export async function askWorkers(tenants: Tenants, log: FastifyBaseLogger): Promise<WorkersHealth> {
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
