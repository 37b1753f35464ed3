import { describe, expect, it } from "vitest";
import { type PilotCall, pilotMeasures } from "../../../gateway/audit/pilot.ts";

const MINUTE = 60_000;

/** A call that was over at this minute, after a second. */
const call = (minute: number, facts: Partial<PilotCall> = {}): PilotCall => ({
  at: minute * MINUTE,
  durationMs: 1000,
  actor: "ann",
  changes: false,
  triage: false,
  ...facts,
});
const look = (minute: number, actor = "ann") => call(minute, { triage: true, actor });
const act = (minute: number, actor = "ann") => call(minute, { triage: true, changes: true, actor });

describe("time to triage (MET-05)", () => {
  it("is from the first look at alerts or tickets to the first change of one, by the same person", () => {
    const calls = [look(0), look(2, "bob"), look(3), act(4), act(5), act(12, "bob")];
    expect(pilotMeasures(calls, []).triage).toEqual({ count: 2, medianMs: (4 * MINUTE + 1000 + 10 * MINUTE + 1000) / 2 });
  }); // biome-ignore format: one thought

  it("counts no look that led to nothing, no change without a look, and nothing of yesterday", () => {
    expect(pilotMeasures([act(1), look(2)], []).triage).toEqual({ count: 0, medianMs: undefined });
    expect(pilotMeasures([look(0), act(90)], []).triage.count).toBe(0);
    expect(pilotMeasures([call(0), call(1, { changes: true })], []).triage.count).toBe(0);
  });
});

describe("escalation accuracy (MET-05)", () => {
  it("is the share of the decided requests that a person said yes to; what expired is told apart", () => {
    expect(pilotMeasures([], ["approve", "approve", "deny", "expire"]).escalation).toEqual({
      decided: 3,
      approved: 2,
      expired: 1,
    });
  });
});

describe("report turnaround (MET-05)", () => {
  it("is from the first to the last of three or more questions in a row", () => {
    const calls = [call(0), call(3), call(7), call(20), call(21), call(60), call(61), call(62), call(64)];
    expect(pilotMeasures(calls, []).report).toEqual({ count: 2, medianMs: (7 * MINUTE + 1000 + 4 * MINUTE + 1000) / 2 });
  }); // biome-ignore format: one thought

  it("ends with a change, and is each person's own", () => {
    expect(pilotMeasures([call(0), call(1), act(2), call(3), call(4)], []).report.count).toBe(0);
    expect(pilotMeasures([call(0), call(1, { actor: "bob" }), call(2)], []).report.count).toBe(0);
  });
});
