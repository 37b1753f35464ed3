import { ToolError, type ToolErrorCode } from "./errors.ts";
import { quotable } from "./text.ts";

/** What an HTTP answer was about, in words that are safe to show: the path is the template, without ids. */
export interface Exchange {
  readonly vendor: string;
  readonly method: string;
  readonly template: string;
  readonly isWrite: boolean;
}

const CODE_BY_STATUS: Readonly<Record<number, ToolErrorCode>> = {
  401: "VENDOR_AUTH",
  403: "VENDOR_FORBIDDEN",
  404: "VENDOR_NOT_FOUND",
  408: "VENDOR_UNAVAILABLE",
  409: "VENDOR_CONFLICT",
  410: "VENDOR_NOT_FOUND",
  429: "VENDOR_RATE_LIMITED",
};

/** Statuses under which a vendor says what is wrong with the input; under any other its words stay in the log. */
const SAYS_WHY = new Set([400, 409, 422]);

interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Where the vendor's sentence is, as a dotted path with `*`. */
  readonly refusal?: string;
  readonly retryAfterSeconds?: number;
}

/** Maps an answer of a vendor that is not 2xx to our error. The body goes to `cause`, for the log. */
export function vendorError(exchange: Exchange, { status, body, refusal, retryAfterSeconds }: Answer): ToolError {
  const code = CODE_BY_STATUS[status] ?? (status >= 500 ? "VENDOR_UNAVAILABLE" : "VENDOR_REJECTED");
  const operation = `${exchange.method} ${exchange.template}`;
  const said = refusal !== undefined && SAYS_WHY.has(status) ? wordsAt(body, refusal) : undefined;
  return new ToolError(
    code,
    `${exchange.vendor} answered ${status} to ${operation}.${status >= 500 ? doubt(exchange) : ""}`,
    {
      status,
      cause: body,
      ...(code === "VENDOR_FORBIDDEN" && { missing: operation }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(said && { vendorSaid: said }),
    },
  );
}

/** A write without a clear answer may have been carried out: whoever reads the error must not simply repeat it. */
export const doubt = ({ isWrite }: Exchange): string =>
  isWrite ? " Whether the change was made is not known: look before repeating it." : "";

/** The texts at a dotted path (`errors.*.detail`), joined, on one line, at most 300 characters. */
function wordsAt(body: unknown, path: string): string | undefined {
  let found: unknown[] = [body];
  for (const key of path.split("."))
    found = found.flatMap((value) => {
      if (typeof value !== "object" || value === null) return [];
      if (key === "*") return Object.values(value);
      return Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : [];
    });
  return quotable(found.filter((value) => typeof value === "string").join("; ")) || undefined;
}
