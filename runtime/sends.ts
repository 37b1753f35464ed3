import { z } from "zod";
import { describe, ToolError } from "./errors.ts";

/** What became of several changes: nobody must guess which of them were made. */
export interface SendsReport {
  readonly done: string[];
  readonly failed: { readonly step: string; readonly code: string; readonly message: string }[];
  readonly notTried: string[];
}

const text = z.string().optional();

/** For the output of a tool with several sends. */
export const sendsShape = {
  done: z.array(z.string()),
  failed: z.array(z.object({ step: text, code: text, message: text })),
  notTried: z.array(z.string()),
};

/**
 * Runs changes one after the other and keeps account of them. After a failure the rest is left out (`stop`) or still tried
 * (`goOn`). A failure before anything was changed is thrown like any other.
 */
export function sends(onFailure: "stop" | "goOn") {
  const report: SendsReport = { done: [], failed: [], notTried: [] };
  return {
    async run<T>(step: string, send: () => Promise<T>): Promise<T | undefined> {
      if (onFailure === "stop" && report.failed.length > 0) {
        report.notTried.push(step);
        return undefined;
      }
      try {
        const answer = await send();
        report.done.push(step);
        return answer;
      } catch (error) {
        if (report.done.length === 0 && onFailure === "stop") throw error;
        const known =
          error instanceof ToolError ? error : new ToolError("INTERNAL", "Internal error.", { cause: error });
        report.failed.push({ step, code: known.code, message: describe(known) });
        return undefined;
      }
    },
    report: (): SendsReport => report,
  };
}
