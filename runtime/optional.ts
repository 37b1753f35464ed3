import { ToolError, type ToolErrorCode } from "./errors.ts";

/** After these the other steps would fail the same way, or nobody waits for them any more. */
const FINAL: ReadonlySet<ToolErrorCode> = new Set(["VENDOR_AUTH", "NOT_CONNECTED", "CANCELLED", "INTERNAL"]);

/** Whether a failure is of this one request, so that the rest of the call can go on. */
export const isPassing = (error: unknown): error is ToolError => error instanceof ToolError && !FINAL.has(error.code);

/** The answer, or undefined when the vendor refuses or fails; what ends the call (keys, cancellation, our faults) still throws. */
export async function optional<T>(pending: Promise<T>): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (isPassing(error)) return undefined;
    throw error;
  }
}

const NOTHING: ReadonlySet<ToolErrorCode> = new Set(["VENDOR_NOT_FOUND", "NO_MATCH", "OUTSIDE_CUSTOMERS"]);

/** The answer, or undefined when there is none; every other failure still throws, because it does not say that there is none. */
export async function orNothing<T>(pending: Promise<T>): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (error instanceof ToolError && NOTHING.has(error.code)) return undefined;
    throw error;
  }
}
