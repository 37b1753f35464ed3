import { describe, expect, it, vi } from "vitest";
import { idOf, idsOf, joined, type Labels, labelOf, labelsIn, memoryLabels, ToolError } from "../../runtime/index.ts";

const states: Labels = [
  ["1", "New"],
  ["5", "Complete"],
  ["29", "12"],
];

describe("labels instead of ids", () => {
  it("finds the id behind a name in any case, and takes an id as well", async () => {
    expect(await idOf(" complete ", "status", states)).toBe("5");
    expect(await idOf("5", "status", states)).toBe("5");
    expect(await idOf("new", "status", Promise.resolve(states), Number)).toBe(1);
    expect(await idsOf(["New", "5"], "status", states, Number)).toEqual([1, 5]);
  });

  it("prefers a name that looks like an id", async () => {
    expect(await idOf("12", "status", states)).toBe("29");
  });

  it("answers the names there are when there is no such one, at most twenty", async () => {
    const many: Labels = Array.from({ length: 30 }, (_, index) => [String(index), `State ${index} "\u202e"`]);
    const failure = await idOf("Closed", "status", many).catch((error) => error);
    expect(failure).toBeInstanceOf(ToolError);
    expect(failure).toMatchObject({ code: "NO_MATCH", fields: [{ field: "status" }] });
    expect(failure.message).not.toContain("Closed");
    expect(failure.candidates).toHaveLength(20);
    expect(failure.candidates[0]).toBe("State 0 ''");
  });

  it("does not choose between ids of one name, but takes the id", async () => {
    const twice: Labels = [
      ["1", "New"],
      ["7", "new"],
      ["7", "New"],
    ];
    const failure = await idOf("New", "status", twice).catch((error) => error);
    expect(failure).toMatchObject({ code: "AMBIGUOUS", candidates: ["1", "7"] });
    expect(await idOf("7", "status", twice)).toBe("7");
    expect(
      await idOf("New", "status", [
        ["1", "New"],
        ["1", "NEW"],
      ]),
    ).toBe("1");
  });

  it("sends no id that is not what the vendor takes", async () => {
    await expect(idOf("New", "status", [["x1", "New"]], Number)).rejects.toMatchObject({ code: "VENDOR_UNEXPECTED" });
  });

  it("names an id, and leaves it as it is where the vendor has no name for it", () => {
    expect(labelOf(5, states)).toBe("Complete");
    expect(labelOf("5", states)).toBe("Complete");
    expect(labelOf(7, states)).toBe("7");
    expect(labelOf(7, undefined)).toBe("7");
    expect(labelOf(null, states)).toBeUndefined();
  });

  it("reads only what has an id and a name", () => {
    const items = [
      { id: 1, name: " One " },
      { id: 0, name: "Zero" },
      { id: null, name: "None" },
      { id: 3, name: "" },
    ];
    expect(labelsIn(items, ({ id, name }) => ({ id, label: name }))).toEqual([
      ["1", "One"],
      ["0", "Zero"],
    ]);
    expect(labelsIn(undefined, () => ({ id: 1, label: "x" }))).toEqual([]);
    expect(joined("Ada", null, " Lovelace ")).toBe("Ada Lovelace");
  });
});

describe("labels are kept for an hour", () => {
  it("asks once, however many wait, and again after an hour", async () => {
    let now = 0;
    const store = memoryLabels({ now: () => now });
    const read = vi.fn(async () => states);
    await Promise.all([store.read("states", read), store.read("states", read)]);
    await store.read("states", read);
    expect(read).toHaveBeenCalledTimes(1);
    now += 3_600_000;
    await store.read("states", read);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it("asks again for whoever waited on a call that was cancelled, and keeps no failure", async () => {
    const store = memoryLabels();
    const cancelled = store.read("states", async () => {
      throw new ToolError("CANCELLED", "Stopped.");
    });
    const other = store.read("states", async () => states);
    await expect(cancelled).rejects.toThrow("Stopped");
    expect(await other).toBe(states);
  });

  it("keeps as many lists as it may", async () => {
    const store = memoryLabels({ max: 2 });
    const read = vi.fn(async () => states);
    for (const key of ["a", "b", "c", "c", "a"]) await store.read(key, read);
    expect(read).toHaveBeenCalledTimes(4);
  });

  it("never shares them between connections", async () => {
    const [one, two] = [memoryLabels(), memoryLabels()];
    await one.read("states", async () => states);
    expect(await two.read("states", async () => [["5", "Waiting"]])).toEqual([["5", "Waiting"]]);
  });
});
