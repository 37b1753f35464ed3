/** The database does not answer at the moment. Whoever asked may ask again; nothing is known to have happened. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
  readonly statusCode = 503;
  readonly code = "DATABASE_UNAVAILABLE";
  readonly retryAfterSeconds = 2;
  constructor(cause: unknown) {
    super("The database does not answer at the moment. Please try again in some seconds.", { cause });
  }
}

/** The outage that an error comes from, if it does. */
export function outageOf(error: unknown): DatabaseUnavailable | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof DatabaseUnavailable) return cause;
  return undefined;
}

/** Passes other errors on as they are: a statement that is wrong stays wrong. */
export function orUnavailable(error: unknown): unknown {
  return error instanceof Error && isOutage(error) ? new DatabaseUnavailable(error) : error;
}

/**
 * SQLSTATEs: connection exceptions; a server that stops, starts, fails over, or has no disk, memory or connection left; and a
 * statement that took too long.
 */
const OUTAGE = /^(08...|57P0[1-3]|57014|53...|25006|25P03)$/;
const NETWORK = /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** What pg itself says without a code. */
const WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client (has encountered a connection error|was closed))/;

function isOutage({ code, message }: Error & { code?: unknown }): boolean {
  return typeof code === "string" ? OUTAGE.test(code) || NETWORK.test(code) : WORDS.test(message);
}
