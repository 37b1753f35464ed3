import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueInHours, listIn, single } from "../../runtime/index.ts";

describe("answers that are now so, now so", () => {
  it("find the list at the first place that holds one", () => {
    expect(listIn({ parts: [1], count: 1 }, "parts", ".")).toEqual([1]);
    expect(listIn([1, 2], "parts", ".")).toEqual([1, 2]);
    expect(listIn({ data: { parts: [3] } }, "parts", "data.parts")).toEqual([3]);
  });

  it("tell an empty list, null, from none", () => {
    expect(listIn({ parts: null }, "parts", ".")).toBe(null);
    expect(listIn({ error: "no" }, "parts", ".")).toBe(undefined);
    expect(listIn(undefined, "parts", ".")).toBe(undefined);
  });

  it("never take what an answer inherits, whatever it is and whatever the path", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom("length", "__proto__.parts", "constructor.name", "a.b"),
        (value, path) => {
          const found = listIn(value, path);
          expect(found === undefined || found === null || Array.isArray(found)).toBe(true);
        },
      ),
    );
  });

  it("give the thing that was saved, alone or first in a list, or no fields", () => {
    expect(single({ id: 1 })).toEqual({ id: 1 });
    expect(single([{ id: 1 }, { id: 2 }])).toEqual({ id: 1 });
    for (const nothing of [undefined, null, []]) expect(single(nothing)).toEqual({});
  });
});

it("a moment is due when it is past or near", () => {
  const now = Date.parse("2026-11-20T08:00:00Z");
  const due = (moment: unknown) => dueInHours(moment, 24, now);
  expect(["2026-11-21T07:00:00Z", "2025-01-01T00:00:00Z", now].map(due)).toEqual([true, true, true]);
  expect(["2026-11-21T09:00:00Z", null, "soon"].map(due)).toEqual([false, false, false]);
  expect(dueInHours(null, undefined, now)).toBe(true);
});
