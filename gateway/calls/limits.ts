import { ToolError } from "../../runtime/index.ts";
import { changesSomething, partsFor } from "../policy/decide.ts";
import type { Caller } from "./caller.ts";
import type { CatalogTool } from "./catalog.ts";
import { Denied } from "./denied.ts";

/** Counts one use of a key and says whether it was still within the window's budget. */
export type Limit = (
  key: string,
  budget: { max: number; windowMs: number },
) => Promise<{ allowed: boolean; retryAfterSeconds: number; firstRefusal: boolean }>;

export const WINDOW_MS = 60_000;

/** Calls a minute: by default far above what a person and an assistant do, far below what a loop does. */
export interface Budgets {
  readonly tenant: number;
  readonly calls: number;
  readonly writes: number;
}

/**
 * Counts the call against its user and each vendor it asks, writes once more, and what is left of it against its tenant: what one
 * person is refused must not use up what colleagues share.
 * The keys name identities, never a session or a connection: whoever reconnects does not start anew.
 * @throws Denied with the time at which the first exhausted budget is whole again
 */
export async function keepLimits(
  limit: Limit,
  budgets: Budgets,
  caller: Caller,
  { tool, facts }: Pick<CatalogTool, "tool" | "facts">,
  now: number,
) {
  const { orgId, userId } = caller;
  const vendors = new Set(partsFor(facts, caller).map(({ vendor }) => vendor));
  const mine = [...vendors].map((vendor) => ({ key: `${orgId}:${userId}:${vendor}`, whose: `you at ${vendor}` }));
  const spent = [
    ...mine.map(({ key, whose }) => ({ key: `calls:${key}`, max: budgets.calls, whose })),
    ...(changesSomething(tool.access)
      ? mine.map(({ key, whose }) => ({ key: `writes:${key}`, max: budgets.writes, whose }))
      : []),
    { key: `calls:${orgId}`, max: budgets.tenant, whose: "your organisation" },
  ];
  for (const { key, max, whose } of spent) {
    const { allowed, retryAfterSeconds, firstRefusal } = await limit(key, { max, windowMs: WINDOW_MS });
    if (allowed) continue;
    const reset = new Date(now + retryAfterSeconds * 1000).toISOString();
    const kind = key.startsWith("writes:") ? "changes" : "calls";
    throw new Denied(
      "rate-limit",
      new ToolError(
        "RATE_LIMITED",
        `The limit of ${max} ${kind} a minute for ${whose} is reached; it resets at ${reset}.`,
        { retryAfterSeconds, quota: { name: kind, max, windowMs: WINDOW_MS } },
      ),
      { repeated: !firstRefusal },
    );
  }
}
