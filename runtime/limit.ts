import { ToolError } from "./errors.ts";
import { createTurns, type Shares, sharesOf } from "./shares.ts";
import { type Budget, rollingWindow } from "./window.ts";

/** What a vendor allows. `all` counts reads and writes together. */
export interface Limits {
  readonly reads?: Budget;
  readonly writes?: Budget;
  readonly all?: Budget;
  readonly concurrency?: number;
  /** `concurrency` holds for each kind of thing apart: the first segment of the path that is no version. */
  readonly concurrencyBy?: "entity";
  /** Who counts together: each connection for itself (`account`), all that come from our address, or all of one database. */
  readonly by?: "account" | "address" | "database";
}

export type Kind = "read" | "write";

/** Lets requests through as the vendor allows; the others wait in line. */
export interface Limiter {
  /**
   * Runs `work` when budget and concurrency allow.
   * @throws ToolError VENDOR_RATE_LIMITED at once when the wait would exceed the limiter's longest wait
   * @throws the signal's reason when it aborts while waiting
   */
  run<T>(kind: Kind, work: () => Promise<T>, signal?: AbortSignal, entity?: string): Promise<T>;
  /**
   * Starts nothing for so long: the vendor asked for a pause, and going on can get our address blocked. When it does not say for
   * how long, a second, and twice as long each time until something works again.
   */
  pause(ms?: number): void;
}

/** A budget that several have in common: each member's limiter keeps to its own share. */
export interface Pool {
  of(member: string): Limiter;
}

interface Waiting {
  readonly kind: Kind;
  readonly member: string;
  readonly entity: string;
  readonly start: () => void;
}

interface Options {
  readonly now?: () => number;
  readonly maxWaitMs?: number;
}

export const MAX_WAIT_MS = 20_000;
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

/** For one connection alone. */
export const createLimiter = (limits: Limits, options: Options = {}): Limiter =>
  createLine(limits, { ...options, isShared: false }).of("");

/** For members who must not live at each other's expense; see shares.ts. */
export const createPool = (limits: Limits, options: Options = {}): Pool =>
  createLine(limits, { ...options, isShared: true });

function createLine(
  limits: Limits,
  { now = Date.now, maxWaitMs = MAX_WAIT_MS, isShared }: Options & { isShared: boolean },
): Pool {
  const budgetOf = (budget: Budget): Shares => {
    const window = rollingWindow(budget);
    if (isShared) return sharesOf(budget, window);
    return { take: (_member, at) => window.take(at), freeAt: (_member, at, ahead) => window.freeAt(at, ahead) };
  };
  const both = limits.all && budgetOf(limits.all);
  const budgetsFor = (own?: Budget) => [own && budgetOf(own), both].filter((budget) => budget !== undefined);
  const budgets = { read: budgetsFor(limits.reads), write: budgetsFor(limits.writes) };
  const concurrency = limits.concurrency ?? Number.POSITIVE_INFINITY;
  const line: Waiting[] = [];
  const turns = createTurns();
  const running = new Map<string, number>();
  let pausedUntil = 0;
  let nextPauseMs = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;

  const freeAt = (kind: Kind, member: string, ahead: number) =>
    Math.max(pausedUntil, ...budgets[kind].map((budget) => budget.freeAt(member, now(), ahead)));
  const isFull = (entity: string) => (running.get(entity) ?? 0) >= concurrency;

  /** Starts whoever may start, in order; a write out of budget does not hold up the reads behind it. */
  function advance() {
    clearTimeout(timer);
    let next = Number.POSITIVE_INFINITY;
    for (const waiting of isShared ? turns.inOrder(line) : [...line]) {
      const { kind, member, entity } = waiting;
      if (isFull(entity)) continue; // the next one to finish calls again
      const at = freeAt(kind, member, 0);
      if (at > now()) {
        next = Math.min(next, at);
        continue;
      }
      line.splice(line.indexOf(waiting), 1);
      running.set(entity, (running.get(entity) ?? 0) + 1);
      for (const budget of budgets[kind]) budget.take(member, now());
      turns.note(member);
      waiting.start();
    }
    if (next < Number.POSITIVE_INFINITY) timer = setTimeout(advance, next - now()).unref();
  }

  function enter(asked: Omit<Waiting, "start">, signal?: AbortSignal): Promise<void> {
    const { kind, member } = asked;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const ahead = line.filter((waiting) => waiting.member === member && (waiting.kind === kind || both)).length;
      const waitMs = freeAt(kind, member, ahead) - now();
      if (waitMs > maxWaitMs) return reject(tooLong(kind, waitMs));

      const leave = (reason: unknown) => {
        line.splice(line.indexOf(waiting), 1);
        forget();
        reject(reason);
      };
      const cancel = () => leave(signal?.reason);
      const giveUp = () => leave(tooLong(kind, Math.max(freeAt(kind, member, 0) - now(), 1000)));
      const forget = () => {
        clearTimeout(deadline);
        signal?.removeEventListener("abort", cancel);
      };
      const waiting: Waiting = {
        ...asked,
        start() {
          forget();
          resolve();
        },
      };
      let deadline: NodeJS.Timeout | undefined;
      line.push(waiting);
      advance();
      if (!line.includes(waiting)) return;
      deadline = setTimeout(giveUp, maxWaitMs);
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  function leave(entity: string) {
    const left = (running.get(entity) ?? 0) - 1;
    if (left > 0) running.set(entity, left);
    else running.delete(entity);
    advance();
  }

  return {
    of: (member) => ({
      async run(kind, work, signal, entity) {
        const place = limits.concurrencyBy === "entity" ? (entity ?? "") : "";
        await enter({ kind, member, entity: place }, signal);
        try {
          const answer = await work();
          nextPauseMs = FIRST_PAUSE_MS;
          return answer;
        } finally {
          leave(place);
        }
      },
      pause(ms = nextPauseMs) {
        nextPauseMs = Math.min(nextPauseMs * 2, MAX_PAUSE_MS);
        pausedUntil = Math.max(pausedUntil, now() + Math.min(ms, MAX_PAUSE_MS));
      },
    }),
  };
}

export const tooLong = (kind: Kind, waitMs: number) => {
  const seconds = Math.ceil(waitMs / 1000);
  return new ToolError(
    "VENDOR_RATE_LIMITED",
    `The ${kind} budget of this connection is used up for about ${seconds} s.`,
    {
      retryAfterSeconds: seconds,
    },
  );
};
