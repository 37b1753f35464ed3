import { describe, expect, it } from "vitest";
import { jsonPatch } from "../../runtime/index.ts";

describe("changes as JSON Patch", () => {
  it("replaces what is given; null is a value", () => {
    expect(jsonPatch({ summary: "New", status: { id: 5 }, board: undefined, owner: null })).toEqual([
      { op: "replace", path: "summary", value: "New" },
      { op: "replace", path: "status", value: { id: 5 } },
      { op: "replace", path: "owner", value: null },
    ]);
    expect(jsonPatch({ Name: "x" }, "/")).toEqual([{ op: "replace", path: "/Name", value: "x" }]);
  });

  it("refuses to change nothing", () => {
    expect(() => jsonPatch({ summary: undefined })).toThrow("There is nothing to change");
  });
});
