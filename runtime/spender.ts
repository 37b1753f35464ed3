import { sleep } from "./call-context.ts";
import { type Kind, type Limiter, type Limits, MAX_WAIT_MS, tooLong } from "./limit.ts";
import type { Budget } from "./window.ts";

/** Budgets that several processes spend together, counted in a place that they share. */
export interface SharedBudgets {
  /**
   * Spends up to `wanted` requests of each of these budgets at once.
   * @returns how many may start before the slots end; and when none, the epoch millisecond at which more may be free
   */
  spend(parts: readonly Part[], wanted: number): Promise<{ readonly granted: number; readonly freeAt: number }>;
}

/** A budget at one moment. Time is counted in slots, so that what was spent is a few numbers and not a list. */
export interface Part {
  readonly key: string;
  readonly requests: number;
  readonly slotMs: number;
  readonly slot: number;
  /** The first slot that still counts: a part of it lies in the window that ends with this slot. */
  readonly oldest: number;
}

export interface Spender {
  /**
   * Resolves when a request may start.
   * @throws ToolError VENDOR_RATE_LIMITED when that would take too long
   */
  admit(kind: Kind, signal?: AbortSignal): Promise<void>;
}

const SLOTS = 30;
/** A process that asks again in the same slot asks for more, up to this part of the budget; what it does not use is lost. */
const MOST_AHEAD = 1 / 20;
const LEAST_WAIT_MS = 20;

interface Options {
  /** Whose budget, the same in every process. */
  readonly key: string;
  readonly budgets: SharedBudgets;
  readonly now?: () => number;
  readonly maxWaitMs?: number;
}

/** Undefined when nothing of these limits is counted in requests per time. */
export function createSpender(limits: Limits, options: Options): Spender | undefined {
  const { reads, writes, all } = limits;
  if (!reads && !writes && !all) return undefined;
  const both = all ? [[`${options.key} all`, all] as const] : [];
  const purses: Record<Kind, Purse> = {
    read: createPurse([...(reads ? [[`${options.key} reads`, reads] as const] : []), ...both], options),
    write: createPurse([...(writes ? [[`${options.key} writes`, writes] as const] : []), ...both], options),
  };
  const { now = Date.now, maxWaitMs = MAX_WAIT_MS } = options;
  return {
    async admit(kind, signal) {
      const purse = purses[kind];
      const latest = now() + maxWaitMs;
      const leave = purse.enter();
      try {
        while (!purse.take()) {
          const freeAt = await purse.fill();
          if (freeAt === undefined) continue;
          if (freeAt > latest) throw tooLong(kind, freeAt - now());
          await sleep(Math.max(freeAt - now(), LEAST_WAIT_MS), signal);
        }
      } finally {
        leave();
      }
    },
  };
}

/** Every request that the limiter lets through waits for the shared budget as well. */
export const spending = (limiter: Limiter, { admit }: Spender): Limiter => ({
  ...limiter,
  run: (kind, work, signal, entity) =>
    limiter.run(
      kind,
      async () => {
        await admit(kind, signal);
        return await work();
      },
      signal,
      entity,
    ),
});

interface Purse {
  enter(): () => void;
  take(): boolean;
  /** @returns when to ask again, when nothing was to be had */
  fill(): Promise<number | undefined>;
}

/** What this process may start before the slot ends. All who wait are filled by one question. */
function createPurse(keyed: readonly (readonly [string, Budget])[], { budgets, now = Date.now }: Options): Purse {
  let left = 0;
  let until = 0;
  let waiting = 0;
  let lastAsked = 0;
  let filling: Promise<number | undefined> | undefined;
  const most = Math.max(1, Math.floor(Math.min(...keyed.map(([, { requests }]) => requests)) * MOST_AHEAD));

  async function ask(): Promise<number | undefined> {
    const at = now();
    const parts = keyed.map(([key, budget]) => partOf(key, budget, at));
    const isSameSlot = at < until;
    const wanted = Math.max(waiting, isSameSlot ? Math.min(lastAsked * 2, most) : 1);
    const { granted, freeAt } = await budgets.spend(parts, wanted);
    left = (isSameSlot ? left : 0) + granted;
    until = Math.min(...parts.map(({ slot, slotMs }) => (slot + 1) * slotMs));
    lastAsked = wanted;
    return granted > 0 ? undefined : freeAt;
  }

  return {
    enter() {
      waiting += 1;
      return () => {
        waiting -= 1;
      };
    },
    take() {
      if (keyed.length === 0) return true;
      if (left === 0 || now() >= until) return false;
      left -= 1;
      return true;
    },
    fill() {
      filling ??= ask().finally(() => {
        filling = undefined;
      });
      return filling;
    },
  };
}

function partOf(key: string, { requests, windowMs }: Budget, at: number): Part {
  const slotMs = Math.ceil(windowMs / SLOTS);
  const slot = Math.floor(at / slotMs);
  return { key, requests, slotMs, slot, oldest: slot - SLOTS };
}
