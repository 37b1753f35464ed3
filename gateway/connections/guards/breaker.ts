import { CircuitState, CountBreaker, ExponentialBackoff, halfJitterGenerator, type IBackoff } from "cockatiel";
import type { End } from "../../../runtime/index.ts";

/** Stops requests that would fail anyway, and lets one through now and then to see whether that has changed. */
export interface Breaker {
  /** Milliseconds until it is worth asking again; 0 when a request may be sent. */
  waitMs(): number;
  /** One request begins, while `waitMs` is 0. What it returns is told once how the request ended. */
  begin(): (end: End) => void;
}

/** Opened: it stops requests for so long. Closed: they go through again. */
export type Turn = { readonly open: true; readonly ms: number; readonly again: boolean } | { readonly open: false };

interface Options {
  now(): number;
  /** Whether, with this end of a request, requests should be stopped. Not asked about tries of an open breaker. */
  trips(end: Exclude<End, "nothing">): boolean;
  /** Forgets what was counted. */
  forget(): void;
  onTurn(turn: Turn): void;
}

/** The first pause, which doubles up to the longest; each is between half of it and all of it. */
const PAUSES = { initialDelay: 5_000, maxDelay: 120_000, generator: halfJitterGenerator };
/** What whoever comes while one request tries is told. */
const TRYING_MS = 5_000;

export function createBreaker({ now, trips, forget, onTurn }: Options): Breaker {
  let paused: { readonly pause: IBackoff<unknown>; readonly until: number; trying: boolean } | undefined;

  const open = (pause: IBackoff<unknown>, again: boolean) => {
    paused = { pause, until: now() + pause.duration, trying: false };
    onTurn({ open: true, ms: pause.duration, again });
  };

  return {
    waitMs() {
      if (!paused) return 0;
      return paused.trying ? TRYING_MS : Math.max(paused.until - now(), 0);
    },

    begin() {
      const tried = paused;
      if (tried) tried.trying = true;
      return (end) => {
        if (paused !== tried) return; // sent before the turn: it says nothing about now
        if (end === "nothing") {
          if (tried) tried.trying = false;
        } else if (!tried) {
          if (trips(end)) open(new ExponentialBackoff(PAUSES).next(), false);
        } else if (end === "outage") open(tried.pause.next(undefined), true);
        else {
          paused = undefined;
          forget();
          onTurn({ open: false });
        }
      };
    },
  };
}

/** Of the last twenty requests of a connection, and from the fifth on, more than half. */
const WINDOW = { size: 20, minimumNumberOfCalls: 5, threshold: 0.5 };

export function breakerOfConnection({ now, onTurn }: Pick<Options, "now" | "onTurn">): Breaker {
  let counts = new CountBreaker(WINDOW);
  return createBreaker({
    now,
    onTurn,
    trips(end) {
      if (end === "outage") return counts.failure(CircuitState.Closed);
      counts.success(CircuitState.Closed);
      return false;
    },
    forget: () => {
      counts = new CountBreaker(WINDOW);
    },
  });
}
