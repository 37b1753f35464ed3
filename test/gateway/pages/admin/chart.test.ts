import { describe, expect, it } from "vitest";
import { dayChart } from "../../../../gateway/pages/admin/chart.ts";

const labels = (most: number) =>
  dayChart("calls", "Calls per day", [{ day: 1, good: most, bad: 0 }]).lines.map(({ label }) => label);

describe("the axis of a chart", () => {
  it("counts whole calls, however few there were", () => {
    expect(labels(0)).toEqual(["0", "1", "2"]);
    expect(labels(1)).toEqual(["0", "1", "2"]);
    expect(labels(3)).toEqual(["0", "2", "4"]);
    expect(labels(9)).toEqual(["0", "5", "10"]);
    expect(labels(21)).toEqual(["0", "15", "30"]);
    expect(labels(4200)).toEqual(["0", "2.5K", "5K"]);
  });
});
