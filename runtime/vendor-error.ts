import { ToolError, type ToolErrorCode } from "./errors.ts";
import { valuesAt } from "./paths.ts";
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

/** Where and when a vendor says why it refused. */
export interface Refusal {
  /** Dotted paths with `*` in the body; the first that holds words counts. */
  readonly paths: readonly string[];
  /** Statuses besides 400, 409 and 422. With words there, 5xx is a refusal and no failure of the vendor, and 200 no success. */
  readonly under?: readonly number[];
}

const refusalOf = (refusal: string | Refusal | undefined): Refusal =>
  typeof refusal === "string" ? { paths: [refusal] } : (refusal ?? { paths: [] });

interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Where the vendor's sentence is: a dotted path with `*`, or more than that. */
  readonly refusal?: string | Refusal;
  readonly retryAfterSeconds?: number;
}

/** Maps an answer of a vendor that is not 2xx to our error. The body goes to `cause`, for the log. */
export function vendorError(exchange: Exchange, { status, body, refusal, retryAfterSeconds }: Answer): ToolError {
  const { paths, under = [] } = refusalOf(refusal);
  const said = SAYS_WHY.has(status) || under.includes(status) ? firstWords(body, paths) : undefined;
  const code = CODE_BY_STATUS[status] ?? (status >= 500 && !said ? "VENDOR_UNAVAILABLE" : "VENDOR_REJECTED");
  const operation = `${exchange.method} ${exchange.template}`;
  return new ToolError(
    code,
    `${exchange.vendor} answered ${status} to ${operation}.${status >= 500 || status < 300 ? doubt(exchange) : ""}`,
    {
      status,
      cause: body,
      ...(code === "VENDOR_UNAVAILABLE" && { outage: true }),
      ...(code === "VENDOR_FORBIDDEN" && { missing: operation }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(said && { vendorSaid: said }),
    },
  );
}

/** What is wrong with an answer that came under 200 and is none, for vendors that do that. */
export function refusedUnderOk(
  exchange: Exchange,
  { status, body, refusal }: Pick<Answer, "status" | "body" | "refusal">,
): ToolError | undefined {
  const { paths, under = [] } = refusalOf(refusal);
  const refused = under.includes(status) && firstWords(body, paths) !== undefined;
  return refused ? vendorError(exchange, { status, body, refusal }) : undefined;
}

/** A write without a clear answer may have been carried out: whoever reads the error must not simply repeat it. */
export const doubt = ({ isWrite }: Exchange): string =>
  isWrite ? " Whether the change was made is not known: look before repeating it." : "";

function firstWords(body: unknown, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const words = wordsAt(body, path);
    if (words) return words;
  }
}

/** The texts at a dotted path (`errors.*.detail`), joined, on one line, at most 300 characters. */
function wordsAt(body: unknown, path: string): string | undefined {
  const found = valuesAt(body, path);
  return quotable(found.filter((value) => typeof value === "string").join("; ")) || undefined;
}
