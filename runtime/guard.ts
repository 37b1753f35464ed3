import { ToolError } from "./errors.ts";

/** Where a request goes: the vendor as people know it, and the address. */
export interface Target {
  readonly vendor: string;
  readonly url: string;
}

/** Stands between a client and the network: keeps requests from a vendor that does not answer, and bounds how many run at once. */
export interface Guard {
  /** @throws ToolError at once when nothing is sent there for now */
  check(target: Target): void;
  /**
   * Runs `work`, which sends one request, as soon as there is a place for it, and hears how it ended.
   * @throws what `work` throws; a ToolError in place of working; the signal's reason when it aborts while waiting
   */
  run<T>(target: Target, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** What a request's end says about the vendor: nothing when it was stopped or never sent. */
export type End = "answered" | "outage" | "nothing";

export function endOf(error: unknown): End {
  if (!(error instanceof ToolError)) return "nothing";
  if (error.outage) return "outage";
  return error.code === "CANCELLED" || error.code === "TIMEOUT" ? "nothing" : "answered";
}

/** Through the guard, if there is one. */
export const guarded = <T>(
  guard: Guard | undefined,
  target: Target,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> => (guard ? guard.run(target, work, signal) : work());
