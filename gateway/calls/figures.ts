import type { Metrics } from "../metrics/metrics.ts";
import type { Call, Outcome } from "./call.ts";

/** Counts one call that is over. Tools and vendors are those of the catalogue: what a caller made up never gets here. */
export type CountCall = (call: Call, outcome: Outcome, ms: number) => void;

export const countCalls =
  ({ toolCalls, toolErrors, toolDenials, toolSeconds, addedSeconds }: Metrics): CountCall =>
  ({ entry, waited }, outcome, ms) => {
    const [vendor, tool] = [entry.owner.slug, entry.tool.name];
    toolCalls.inc({ vendor, tool, outcome: outcome.status });
    if (outcome.status === "denied") return toolDenials.inc({ rule: outcome.rule });
    toolSeconds.observe({ vendor, tool }, ms / 1000);
    if (!outcome.ok) return toolErrors.inc({ vendor, tool, code: outcome.error.code });
    if (!outcome.waiting) addedSeconds.observe(Math.max(0, ms - waited.total()) / 1000);
  };
