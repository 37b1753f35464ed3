import { ToolError } from "../errors.ts";
import { readText } from "../read-body.ts";
import { retryAfter } from "../retry.ts";
import { vendorError } from "../vendor-error.ts";
import type { AuthContext } from "./auth.ts";

export interface TokenRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 100_000;

type Asking = Pick<AuthContext, "fetch" | "vendor" | "now">;

/**
 * Posts keys where tokens are made and answers the parsed body, undefined when it is no JSON.
 * The answer to wrong keys may repeat them, so none of it goes into an error.
 */
export async function askToken({ url, headers, body }: TokenRequest, { fetch, vendor, now }: Asking): Promise<unknown> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const ask = async () => {
    const init = {
      method: "POST",
      redirect: "manual",
      signal,
      headers: { accept: "application/json", ...headers },
      body,
    };
    const response = await fetch(url, init as RequestInit);
    return { response, text: await readText(response, { maxBytes: MAX_BYTES, vendor }) };
  };
  const { response, text } = await ask().catch((cause: unknown) => {
    if (cause instanceof ToolError) throw cause;
    const what = signal.aborted ? `took longer than ${TIMEOUT_MS / 1000} s` : "got no answer";
    throw new ToolError("VENDOR_UNAVAILABLE", `Signing in at ${vendor} ${what}.`, { cause });
  });
  if (!response.ok) throw refused(response, { path: new URL(url).pathname, vendor, now: now() });
  return jsonOrNothing(text);
}

/** RFC 6749 answers wrong keys with 400. */
function refused(
  { status, headers }: Response,
  { path, vendor, now }: { path: string; vendor: string; now: number },
): ToolError {
  if (status === 400 || status === 401)
    return new ToolError("VENDOR_AUTH", `${vendor} refused the keys when signing in.`, { status: 401 });
  if (status < 400)
    return new ToolError("VENDOR_UNAVAILABLE", `${vendor} redirected the sign-in, which is not followed.`, { status });
  const retryAfterSeconds = retryAfter(headers.get("retry-after"), now);
  const exchange = { vendor, method: "POST", template: path, isWrite: false };
  return vendorError(exchange, { status, body: undefined, retryAfterSeconds });
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
