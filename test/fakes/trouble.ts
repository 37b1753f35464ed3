import { setTimeout as sleep } from "node:timers/promises";
import { HttpResponse } from "msw";
import type { Visit } from "./fake.ts";

export type Misbehaviour = (visit: Visit) => Response | undefined | Promise<Response | undefined>;

export interface Trouble {
  /** From now on, the next `times` requests whose `METHOD /path` starts with `match` are answered so. */
  next(misbehaviour: Misbehaviour, options?: { match?: string; times?: number }): void;
  meet(visit: Visit): Promise<Response | undefined>;
  /** How many records a page holds at most, whatever the client asks for. */
  pageSize?: number;
  clear(): void;
}

export function createTrouble(): Trouble {
  const waiting: { misbehaviour: Misbehaviour; match: string; left: number }[] = [];
  return {
    next(misbehaviour, { match = "", times = 1 } = {}) {
      waiting.push({ misbehaviour, match, left: times });
    },
    async meet(visit) {
      const due = waiting.find(
        ({ match, left }) => left > 0 && `${visit.exchange.method} ${visit.template}`.startsWith(match),
      );
      if (!due) return undefined;
      due.left--;
      return due.misbehaviour(visit);
    },
    clear() {
      waiting.length = 0;
      this.pageSize = undefined;
    },
  };
}

/** Things that vendors do on bad days, to hand to `trouble.next`. */
export const rateLimited =
  (seconds?: number): Misbehaviour =>
  () =>
    HttpResponse.json(
      { error: "Too Many Requests" },
      { status: 429, headers: seconds === undefined ? {} : { "retry-after": String(seconds) } },
    );

export const refused =
  (status: number, body: object): Misbehaviour =>
  () =>
    HttpResponse.json(body as Record<string, unknown>, { status });

export const down =
  (status = 503): Misbehaviour =>
  () =>
    new HttpResponse("upstream connect error or disconnect/reset before headers", {
      status,
      headers: { "content-type": "text/plain" },
    });

export const htmlPage: Misbehaviour = () =>
  HttpResponse.html("<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>", { status: 200 });

export const emptyBody: Misbehaviour = () => new HttpResponse(null, { status: 200 });

export const brokenJson: Misbehaviour = () =>
  new HttpResponse('{"devices": [{"hostname": "CONT', { status: 200, headers: { "content-type": "application/json" } });

export const disconnected: Misbehaviour = () => HttpResponse.error() as Response;

export const redirected =
  (to: string, status: 301 | 302 | 307 | 308 = 302): Misbehaviour =>
  () =>
    new HttpResponse(null, { status, headers: { location: to } });

/** Answers as usual, but only after a while; gives up early when the caller hangs up. */
export const slow =
  (ms: number): Misbehaviour =>
  async ({ request }) => {
    await sleep(ms, undefined, { signal: request.signal }).catch(() => undefined);
    return undefined;
  };
