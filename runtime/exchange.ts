import { abortError, ToolError } from "./errors.ts";
import { parseJson, readText } from "./read-body.ts";
import { retryAfter } from "./retry.ts";
import { scrub } from "./scrub.ts";
import type { Secret } from "./secret.ts";
import type { Transport } from "./transport.ts";
import { doubt, type Exchange, vendorError } from "./vendor-error.ts";

/** One request, ready to be sent as often as needed. */
export interface Outgoing extends Exchange {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface Options {
  readonly transport: Transport;
  /** Blotted out of whatever comes back. */
  readonly secrets: readonly Secret[];
  readonly refusal?: string;
}

const TIMEOUT_MS = 30_000;
const MAX_RESPONSE_BYTES = 20_000_000;

/**
 * Sends one request and reads its answer.
 * @returns the parsed JSON body; undefined when there is none
 * @throws ToolError
 */
export async function exchange(outgoing: Outgoing, { transport, secrets, refusal }: Options): Promise<unknown> {
  const { now = Date.now, timeoutMs = TIMEOUT_MS, maxResponseBytes: maxBytes = MAX_RESPONSE_BYTES } = transport;
  const began = now();
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = transport.signal ? AbortSignal.any([transport.signal, deadline]) : deadline;
  let status: number | undefined;
  try {
    const { url, method, headers, body } = outgoing;
    const response = await transport.fetch(url, { method, headers, body, signal, redirect: "manual" });
    status = response.status;
    if (response.type === "opaqueredirect" || (status >= 300 && status < 400)) throw redirected(outgoing, response);
    const text = scrub(await readText(response, { maxBytes, vendor: outgoing.vendor }), secrets);
    if (response.ok) return parseAnswer(text, response.headers.get("content-type"), outgoing);
    const retryAfterSeconds = retryAfter(response.headers.get("retry-after"), now());
    throw vendorError(outgoing, { status, body: parsedOrText(text), refusal, retryAfterSeconds });
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    if (transport.signal?.aborted) throw abortError(transport.signal);
    throw deadline.aborted ? timedOut(outgoing, timeoutMs) : unreachable(outgoing, cause);
  } finally {
    transport.onRequest?.({ method: outgoing.method, template: outgoing.template, status, ms: now() - began });
  }
}

function parseAnswer(text: string, contentType: string | null, outgoing: Outgoing): unknown {
  if (text.trim() === "") return undefined;
  const operation = `${outgoing.method} ${outgoing.template}`;
  if (contentType?.includes("html") || text.trimStart().startsWith("<"))
    throw new ToolError(
      "VENDOR_UNAVAILABLE",
      `${outgoing.vendor} answered ${operation} with a web page instead of data.${doubt(outgoing)}`,
    );
  try {
    return parseJson(text);
  } catch (cause) {
    throw new ToolError(
      "VENDOR_UNEXPECTED",
      `${outgoing.vendor} answered ${operation} with something other than JSON.${doubt(outgoing)}`,
      { cause },
    );
  }
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

function redirected(outgoing: Outgoing, response: Response): ToolError {
  response.body?.cancel().catch(() => {});
  return new ToolError(
    "VENDOR_UNAVAILABLE",
    `${outgoing.vendor} redirected ${outgoing.method} ${outgoing.template} to another address, which is not followed.`,
    { status: response.status },
  );
}

const timedOut = (outgoing: Outgoing, timeoutMs: number) =>
  new ToolError(
    "TIMEOUT",
    `${outgoing.vendor} did not answer ${outgoing.method} ${outgoing.template} within ${timeoutMs / 1000} s.${doubt(outgoing)}`,
  );

const unreachable = (outgoing: Outgoing, cause: unknown) =>
  new ToolError(
    "VENDOR_UNAVAILABLE",
    `${outgoing.vendor} could not be reached for ${outgoing.method} ${outgoing.template}.${doubt(outgoing)}`,
    { cause },
  );
