import { deadlineAfter } from "./deadline.ts";
import { abortError, ToolError, type ToolErrorCode, type ToolErrorOptions } from "./errors.ts";
import { guarded } from "./guard.ts";
import { type Meanings, statusMeant } from "./meanings.ts";
import { parseJson, readText } from "./read-body.ts";
import { retryAfter } from "./retry.ts";
import { scrub } from "./scrub.ts";
import type { Secret } from "./secret.ts";
import type { Transport } from "./transport.ts";
import { doubt, type Exchange, type Refusal, refusedUnderOk, vendorError } from "./vendor-error.ts";

/** One request, ready to be sent as often as needed. */
export interface Outgoing extends Exchange {
  /** How it is sent, where `method` is a word for people: a `query` is POSTed. */
  readonly verb?: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Sees the headers of an answer that is a success. */
  onHeaders?(headers: Headers): void;
}

interface Options {
  readonly transport: Transport;
  /** Blotted out of whatever comes back. */
  readonly secrets: readonly Secret[];
  readonly refusal?: string | Refusal;
  readonly meanings?: Meanings;
}

const TIMEOUT_MS = 30_000;
const MAX_RESPONSE_BYTES = 20_000_000;

/** Whoever was kept waiting for so long when the request was stopped had a vendor that hangs. */
const HANGING_MS = 15_000;

/**
 * Sends one request and reads its answer, when its guard lets it.
 * @returns the parsed JSON body; undefined when there is none, which only writes and 204 may have
 * @throws ToolError
 */
export async function exchange(outgoing: Outgoing, options: Options): Promise<unknown> {
  const { guard, signal } = options.transport;
  if (signal?.aborted) throw abortError(signal);
  return await guarded(guard, outgoing, () => exchanged(outgoing, options), signal);
}

async function exchanged(outgoing: Outgoing, { transport, secrets, refusal, meanings }: Options): Promise<unknown> {
  const { now = Date.now, timeoutMs = TIMEOUT_MS, maxResponseBytes: maxBytes = MAX_RESPONSE_BYTES } = transport;
  const began = performance.now();
  // A change that was sent is carried out whether or not somebody still waits for it: how it ended must be known.
  const stop = outgoing.isWrite ? transport.halt : transport.signal;
  const deadline = deadlineAfter(timeoutMs, stop);
  let status: number | undefined;
  try {
    const { url, method, verb = method, headers, body } = outgoing;
    if (outgoing.isWrite) transport.onChange?.();
    const response = await transport.fetch(url, {
      method: verb,
      headers,
      body,
      signal: deadline.signal,
      redirect: "manual",
    });
    status = response.status;
    if (response.type === "opaqueredirect" || (status >= 300 && status < 400)) throw redirected(outgoing, response);
    const text = scrub(await readText(response, { maxBytes, vendor: outgoing.vendor }), secrets);
    if (response.ok) {
      const body = parseAnswer(text, response, outgoing);
      outgoing.onHeaders?.(response.headers);
      const refused = refusedUnderOk(outgoing, { status, body, refusal });
      if (refused) throw refused;
      return body;
    }
    const retryAfterSeconds = retryAfter(response.headers.get("retry-after"), now());
    const said = parsedOrText(text);
    const meant = statusMeant(status, meanings, said);
    throw vendorError(outgoing, { status: meant, body: said, refusal, retryAfterSeconds });
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    if (stop?.aborted) throw stopped(outgoing, stop, performance.now() - began);
    throw deadline.passed ? timedOut(outgoing, timeoutMs) : unreachable(outgoing, cause);
  } finally {
    deadline.end();
    transport.onRequest?.({
      method: outgoing.method,
      template: outgoing.template,
      status,
      ms: performance.now() - began,
    });
  }
}

function parseAnswer(text: string, { status, headers }: Response, outgoing: Outgoing): unknown {
  if (text.trim() === "" && (outgoing.isWrite || status === 204 || outgoing.method === "HEAD")) return undefined;
  if (headers.get("content-type")?.includes("html") || text.trimStart().startsWith("<"))
    throw failed("VENDOR_UNAVAILABLE", outgoing, "answered {} with a web page instead of data", { outage: true });
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw failed("VENDOR_UNEXPECTED", outgoing, "answered {} with something other than JSON", { cause });
  }
  // "Nothing" is no answer to a question: taken for an empty list it would be a false one.
  if (value === null && !outgoing.isWrite) throw failed("VENDOR_UNEXPECTED", outgoing, "answered {} with nothing");
  return value ?? undefined;
}

const MAX_LOGGED = 2000;

/** For the log only. */
function parsedOrText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text.slice(0, MAX_LOGGED);
  }
}

function redirected(outgoing: Outgoing, { status, body }: Response): ToolError {
  body?.cancel().catch(() => {});
  return failed("VENDOR_UNAVAILABLE", outgoing, "redirected {} to another address, which is not followed", { status });
}

const timedOut = (outgoing: Outgoing, timeoutMs: number) =>
  failed("TIMEOUT", outgoing, `did not answer {} within ${timeoutMs / 1000} s`, { outage: true });

const unreachable = (outgoing: Outgoing, cause: unknown) =>
  failed("VENDOR_UNAVAILABLE", outgoing, "could not be reached for {}", { cause, outage: true });

function stopped(outgoing: Outgoing, signal: AbortSignal, waitedMs: number): ToolError {
  const { code, message, cause } = abortError(signal);
  return new ToolError(code, message + doubt(outgoing), { cause, outage: waitedMs >= HANGING_MS });
}

/** One sentence about an operation, which stands for `{}`, and about what a write may have done. */
function failed(code: ToolErrorCode, outgoing: Outgoing, what: string, options?: ToolErrorOptions): ToolError {
  const sentence = `${outgoing.vendor} ${what.replace("{}", `${outgoing.method} ${outgoing.template}`)}.`;
  return new ToolError(code, sentence + doubt(outgoing), options);
}
