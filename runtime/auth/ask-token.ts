import { askAside, jsonOrNothing } from "../aside.ts";
import { ToolError } from "../errors.ts";
import { guarded } from "../guard.ts";
import { retryAfter } from "../retry.ts";
import { vendorError } from "../vendor-error.ts";
import type { AuthContext } from "./auth.ts";

export interface TokenRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Asking = Pick<AuthContext, "fetch" | "vendor" | "now" | "guard" | "onRequest">;

/**
 * Posts keys where tokens are made and answers the parsed body, undefined when it is no JSON.
 * The answer to wrong keys may repeat them, so none of it goes into an error.
 */
export const askToken = (request: TokenRequest, asking: Asking): Promise<unknown> =>
  guarded(asking.guard, { vendor: asking.vendor, url: request.url }, () => asked(request, asking));

async function asked(
  { url, headers, body }: TokenRequest,
  { fetch, vendor, now, onRequest }: Asking,
): Promise<unknown> {
  const init = { method: "POST", headers: { accept: "application/json", ...headers }, body };
  const unanswered = (what: string) => `Signing in at ${vendor} ${what}.`;
  const { response, text } = await askAside(url, init, { fetch, vendor, onRequest, purpose: "(sign-in)", unanswered });
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
