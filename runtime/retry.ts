import { sleep } from "./call-context.ts";
import { ToolError } from "./errors.ts";

export interface RetryOptions {
  readonly signal?: AbortSignal;
  now?(): number;
  random?(): number;
  sleep?(ms: number, signal?: AbortSignal): Promise<void>;
}

const RETRIES = 2;
/** No retry starts later than this after the first attempt began. */
const WITHIN_MS = 20_000;
const FIRST_DELAY_MS = 500;
const JITTER_MS = 250;

/**
 * Repeats a read at most twice after 429, 503 or a broken connection, waiting as the vendor asks.
 * Never give it a write: a request without an answer may have been carried out.
 */
export async function retryRead<T>(
  attempt: () => Promise<T>,
  { signal, now = Date.now, random = Math.random, sleep: wait = sleep }: RetryOptions,
): Promise<T> {
  const began = now();
  for (let retry = 0; ; retry++) {
    try {
      return await attempt();
    } catch (error) {
      if (retry === RETRIES || !isTransient(error)) throw error;
      const asked = error.retryAfterSeconds;
      const delay =
        asked === undefined ? FIRST_DELAY_MS * 2 ** retry * (0.5 + random()) : asked * 1000 + random() * JITTER_MS;
      if (now() + delay - began > WITHIN_MS) throw error;
      await wait(delay, signal);
    }
  }
}

const isTransient = (error: unknown): error is ToolError =>
  error instanceof ToolError && (error.status === 429 || error.status === 503 || isReset(error.cause));

const RESETS = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The built-in fetch rejects with TypeError "fetch failed" and the reason in `cause`. */
function isReset(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 4; cause = cause.cause, depth++)
    if ("code" in cause && RESETS.has(String(cause.code))) return true;
  return false;
}

const MAX_RETRY_AFTER_SECONDS = 3600;

/** `Retry-After` in whole seconds, from seconds or an HTTP date, at most an hour. */
export function retryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  const seconds = /^\d+$/.test(text)
    ? Number(text)
    : /^[a-z]{3}/i.test(text)
      ? (Date.parse(text) - now) / 1000
      : Number.NaN;
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(Math.max(Math.ceil(seconds), 0), MAX_RETRY_AFTER_SECONDS);
}
