import { type Deadline, ToolError } from "../../runtime/index.ts";
import { type DatabaseUnavailable, outageOf } from "../database/unavailable.ts";
import { changesSomething } from "../policy/decide.ts";
import { VaultError } from "../vault/errors.ts";
import type { Call, CallResult, CallSupport, Outcome } from "./call.ts";
import { Denied } from "./denied.ts";

export const succeeded = (result: Extract<CallResult, { ok: true }>): Outcome => ({
  ...result,
  status: "success",
  rule: "allowed",
});

/** Nothing was changed, and the one who can change that gets a link that works for nobody else. */
export function notConnected({ connectLink }: CallSupport, call: Call): Outcome {
  const { slug: vendor, title } = missingOf(call);
  const url = connectLink(call.caller, vendor);
  const error = new ToolError("NOT_CONNECTED", `${title} is not connected.`, {
    advice: `Ask the person to open ${url} and to connect it, then call again.`,
  });
  return { ok: false, error, connect: { vendor, title, url }, status: "error", rule: "allowed" };
}

/** Of several vendors the first that the caller has no connection for. */
function missingOf({ caller, catalog, entry }: Call): { slug: string; title: string } {
  const { parts } = entry.facts;
  const slug = (parts.find(({ vendor }) => !caller.reach.get(vendor)) ?? parts[0])?.vendor ?? entry.owner.slug;
  const served = [...catalog.tools.values()].find(({ owner }) => owner.slug === slug);
  return { slug, title: served?.owner.title ?? slug };
}

/** Turns whatever was thrown into an answer; what we did not write ourselves becomes a reference to the log. */
export function failed({ log }: CallSupport, call: Call, thrown: unknown): Outcome {
  if (thrown instanceof Denied) {
    const { error, rule, repeated, marks } = thrown;
    return { ok: false, error, status: "denied", rule, repeated, marks };
  }
  const error = toolErrorOf(thrown, call);
  if (error.code === "OUTSIDE_CUSTOMERS") return { ok: false, error, status: "denied", rule: "customer" };
  if (error.code === "DATABASE_UNAVAILABLE")
    log.error({ callId: call.id, requestId: call.requestId, ...fault(error.cause) }, "tool call cut by the database");
  if (error.code !== "INTERNAL")
    return { ok: false, error, status: error.code === "TIMEOUT" ? "timeout" : "error", rule: "allowed" };

  log.error({ callId: call.id, requestId: call.requestId, ...fault(error.cause) }, "tool call failed by our fault");
  const text = `Internal error, reference ${call.requestId}.`;
  return {
    ok: false,
    error: new ToolError("INTERNAL", text, { cause: error.cause }),
    status: "error",
    rule: "allowed",
  };
}

function toolErrorOf(thrown: unknown, call: Call): ToolError {
  if (thrown instanceof ToolError && thrown.code !== "INTERNAL") return thrown;
  const outage = outageOf(thrown);
  if (outage) return cutByDatabase(outage, call);
  if (thrown instanceof ToolError) return thrown;
  if (!(thrown instanceof VaultError && thrown.code === "KEYS_UNAVAILABLE"))
    return new ToolError("INTERNAL", "", { cause: thrown });
  const text = "The service that holds the keys of this gateway does not answer, so the vendor was not called.";
  return new ToolError("TIMEOUT", text, { cause: thrown, advice: "Try again in some minutes." });
}

/** Only of a change that has left nobody knows how it ended; everything else may be asked for again. */
function cutByDatabase(cause: DatabaseUnavailable, { entry, sent }: Pick<Call, "entry" | "sent">): ToolError {
  if (sent.change)
    return new ToolError(
      "DATABASE_UNAVAILABLE",
      "The gateway's database stopped answering in the middle of this change.",
      {
        cause,
        advice: "Nobody knows whether it was made: look first, and call again only if it was not.",
      },
    );
  const nothing = changesSomething(entry.tool.access) ? " Nothing was changed." : "";
  return databaseAway(cause, nothing);
}

/** Words of ours about an outage in which nothing has happened. */
export const databaseAway = (cause: DatabaseUnavailable, nothing = ""): ToolError =>
  new ToolError("DATABASE_UNAVAILABLE", `The gateway's database does not answer at the moment.${nothing}`, {
    cause,
    retryAfterSeconds: cause.retryAfterSeconds,
  });

/** Where it happened, without the message, which may repeat a value. */
const fault = (cause: unknown) =>
  cause instanceof Error
    ? {
        fault: cause.name,
        reason: codeOf(cause.cause),
        frames: cause.stack?.split("\n").filter((line) => /^\s+at /.test(line)),
      }
    : { fault: typeof cause };

const codeOf = (cause: unknown) => (cause instanceof Error && "code" in cause ? String(cause.code) : undefined);

/** What ended a run that was cut short: our deadline, the client that went away, or the end of this process. */
export function cutShort(error: ToolError, { passed, signal }: Deadline): ToolError {
  if (error.status !== undefined) return error; // the vendor has answered: that is how it ended
  if (passed) return new ToolError("TIMEOUT", "The call took too long and was stopped.", { cause: error });
  if (signal.reason instanceof ToolError) return signal.reason;
  if (signal.aborted) return new ToolError("CANCELLED", "The call was cancelled.", { cause: error });
  return error;
}

const UNCLEAR: ReadonlySet<string> = new Set([
  "TIMEOUT",
  "CANCELLED",
  "INTERNAL",
  "TOO_LARGE",
  "VENDOR_UNAVAILABLE",
  "VENDOR_UNEXPECTED",
]);

/** After a change that ended so nobody knows what the vendor has done. */
export const isUnclear = ({ sent }: Pick<Call, "sent">, { code }: ToolError): boolean =>
  UNCLEAR.has(code) || (code === "DATABASE_UNAVAILABLE" && sent.change);
