import type { AuthContext } from "./auth/auth.ts";
import { ToolError } from "./errors.ts";
import { parseJson, readText } from "./read-body.ts";

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 100_000;

interface Asking {
  readonly fetch: AuthContext["fetch"];
  readonly vendor: string;
  readonly onRequest?: AuthContext["onRequest"];
  /** What it is for, in place of its path, which may name an account: `(sign-in)`. */
  readonly purpose: string;
  /** What to say without an answer: `took longer than 10 s`, `got no answer`. */
  unanswered(what: string): string;
}

/**
 * A request beside the operations, for a token or a place: small, short, never redirected, for no single caller.
 * @throws ToolError VENDOR_UNAVAILABLE without an answer
 */
export async function askAside(url: string, init: RequestInit, asking: Asking) {
  const { fetch, vendor, onRequest, purpose, unanswered } = asking;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const began = performance.now();
  let status: number | undefined;
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal });
    status = response.status;
    return { response, text: await readText(response, { maxBytes: MAX_BYTES, vendor }) };
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    const what = signal.aborted ? `took longer than ${TIMEOUT_MS / 1000} s` : "got no answer";
    throw new ToolError("VENDOR_UNAVAILABLE", unanswered(what), { cause, outage: true });
  } finally {
    onRequest?.({ method: init.method ?? "GET", template: purpose, status, ms: performance.now() - began });
  }
}

export function jsonOrNothing(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
