import { describe, expect, it } from "vitest";
import { outcomeOf, summaryOf } from "../../scripts/descriptions/outcome.ts";

const ended = (code: number | null, out = "", err = "") => ({ code, out, err });
const one = (added: ReturnType<typeof ended>, made = added) => outcomeOf("a.json", 10, 1200, added, made);
const wrote = ended(
  0,
  "Wrote vendors.a.yaml and specs/a.json: 4 tools.\n\nLeft out:\n  a.json GET /x: answers no JSON\n\nNext\n",
);

describe("how a published description fared", () => {
  it("passes, with the number of its tools and what was left out", () => {
    expect(one(wrote)).toMatchObject({ kind: "passes", tools: 4, left: ["a.json GET /x: answers no JSON"] });
  });

  it("is a problem when every line has a place", () => {
    const err =
      "a.json paths: describes no operation\na.json POST /v2/{name}:write: takes no body\n\n2 problems; nothing was written.\n";
    expect(one(ended(1, "", err))).toMatchObject({
      kind: "problem",
      said: expect.arrayContaining(["a.json paths: describes no operation"]),
    });
  });

  it.each([
    ["a stack trace", ended(1, "", "TypeError: x is undefined\n    at f (file:///a.ts:1:1)\n")],
    ["no end", ended(null)],
    ["a line without a place", ended(1, "", "something went wrong\n\n1 problem; nothing was written.\n")],
  ])("is a mistake of ours when there is %s", (_, added) => {
    expect(one(added).kind).toBe("breaks");
  });

  it("is a mistake of ours when what was written does not generate", () => {
    expect(one(wrote, ended(1, "", "vendors.a.yaml:1:1 tools: no\n\n1 problem; nothing was written.\n")).kind).toBe(
      "breaks",
    );
  });

  it("is counted", () => {
    const text = summaryOf([one(wrote), one(wrote), one(ended(null))]);
    expect(text).toContain("| passes | 2 | 66.7 % |");
    expect(text).toContain("| breaks | 1 | 33.3 % |");
    expect(text).toContain("3 descriptions, 8 tools");
  });
});
