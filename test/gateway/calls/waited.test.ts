import { describe, expect, it } from "vitest";
import { createWaited } from "../../../gateway/calls/waited.ts";

describe("the time in which a vendor was waited for", () => {
  it("is the sum of requests one after the other (MET-03)", () => {
    const { at, waited } = clock();
    at(100);
    waited.note(80);
    at(250);
    waited.note(50);
    expect(waited.total()).toBe(130);
  });

  it("counts requests side by side once (MET-03)", () => {
    const { at, waited } = clock();
    at(100);
    waited.note(50); // 50 to 100
    at(110);
    waited.note(100); // 10 to 110
    at(300);
    waited.note(20); // 280 to 300
    at(310);
    waited.note(25); // 285 to 310
    expect(waited.total()).toBe(100 + 30);
  });
});

function clock() {
  let now = 0;
  return {
    at(ms: number) {
      now = ms;
    },
    waited: createWaited(() => now),
  };
}
