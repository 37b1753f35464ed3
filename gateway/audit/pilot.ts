/** A call that a person's assistant made and that worked, as the audit log has it. */
export interface PilotCall {
  /** When it was over, epoch milliseconds. */
  readonly at: number;
  readonly durationMs: number;
  readonly actor: string;
  readonly changes: boolean;
  /** Whether its tool is about alerts or tickets. */
  readonly triage: boolean;
}

/** What became of one request for a person's yes. */
export type PilotDecision = "approve" | "deny" | "expire";

export interface PilotMeasures {
  /** From the first look at alerts or tickets to the first change of one, in milliseconds. */
  readonly triage: { readonly count: number; readonly medianMs?: number };
  /** Of the calls that were put before a person and decided, those that they said yes to. */
  readonly escalation: { readonly decided: number; readonly approved: number; readonly expired: number };
  /** From the first to the last of several questions in a row without a change, in milliseconds. */
  readonly report: { readonly count: number; readonly medianMs?: number };
}

/** Nobody who has looked an hour ago is still at it. */
const LOOK_MS = 60 * 60_000;
/** Questions of one report follow each other within this. */
const PAUSE_MS = 5 * 60_000;
/** Fewer are a question and its answer. */
const FEWEST_QUESTIONS = 3;

/**
 * What can be said about a pilot from the record alone. It knows calls and not the work around them: when an alert was raised, whether
 * an escalation was right in the end and when a report reached its reader stand in the PSA.
 * @param calls in order of time
 */
export function pilotMeasures(calls: readonly PilotCall[], decisions: readonly PilotDecision[]): PilotMeasures {
  const people = [...Map.groupBy(calls, ({ actor }) => actor).values()];
  const triage = people.flatMap(triagesOf);
  const reports = people.flatMap(reportsOf);
  const count = (what: PilotDecision) => decisions.filter((one) => one === what).length;
  return {
    triage: { count: triage.length, medianMs: median(triage) },
    escalation: {
      decided: count("approve") + count("deny"),
      approved: count("approve"),
      expired: count("expire"),
    },
    report: { count: reports.length, medianMs: median(reports) },
  };
}

const beginOf = ({ at, durationMs }: PilotCall) => at - durationMs;

function triagesOf(calls: readonly PilotCall[]): number[] {
  const found: number[] = [];
  let looked: number | undefined;
  for (const call of calls.filter(({ triage }) => triage)) {
    if (looked !== undefined && call.at - looked > LOOK_MS) looked = undefined;
    if (!call.changes) looked ??= beginOf(call);
    else if (looked !== undefined) {
      found.push(call.at - looked);
      looked = undefined;
    }
  }
  return found;
}

function reportsOf(calls: readonly PilotCall[]): number[] {
  const found: number[] = [];
  let run: PilotCall[] = [];
  const end = () => {
    if (run.length >= FEWEST_QUESTIONS) found.push(run.at(-1)!.at - beginOf(run[0]!));
    run = [];
  };
  for (const call of calls) {
    if (call.changes || (run.length > 0 && beginOf(call) - run.at(-1)!.at > PAUSE_MS)) end();
    if (!call.changes) run.push(call);
  }
  end();
  return found;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
