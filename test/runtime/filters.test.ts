import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  behind,
  conditionsFilter,
  daysAgo,
  hoursAgo,
  hoursAhead,
  idOrName,
  ruleFilter,
  ToolError,
  treeFilter,
  type Where,
} from "../../runtime/index.ts";

const ops = {
  is: "eq",
  not: "noteq",
  contains: "contains",
  in: "in",
  before: "lt",
  after: "gte",
  atLeast: "gte",
  atMost: "lte",
  missing: "notExist",
  present: "exist",
};

describe("conditions as text", () => {
  const filter = conditionsFilter({ date: "brackets", ops: { contains: "like" } });

  it("says each test in the vendor's words", () => {
    expect(
      filter({
        "board/name": "Help Desk",
        closed: false,
        status: { in: [1, "New"], not: 5 },
        title: { contains: "printer" },
        created: { after: "2026-11-01", before: "2026-11-20T08:30:00.250+02:00" },
        hours: { atLeast: 1, atMost: 2.5 },
        owner: { missing: true },
        due: { missing: false },
      }),
    ).toBe(
      'board/name = "Help Desk" and closed = false and status in (1, "New") and status != 5 and title like "%printer%" ' +
        "and created > [2026-11-01T00:00:00Z] and created < [2026-11-20T06:30:00Z] and hours >= 1 and hours <= 2.5 " +
        "and owner = null and due != null",
    );
  });

  it("asks for nothing where nothing is given", () => {
    expect(filter({ title: { contains: undefined }, owner: undefined })).toBeUndefined();
    expect(filter()).toBeUndefined();
  });

  it("writes dates as the vendor reads them", () => {
    const where = { seen: { before: Date.UTC(2026, 10, 20) } };
    expect(conditionsFilter()(where)).toBe("seen < 2026-11-20T00:00:00Z");
    expect(conditionsFilter({ date: "quoted", quote: "single" })(where)).toBe("seen < '2026-11-20T00:00:00Z'");
  });

  it("takes the quote that is not in the text", () => {
    const either = conditionsFilter({ quote: "either" });
    expect(either({ name: "O'Brien" })).toBe('name = "O\'Brien"');
    expect(either({ name: 'the "best"' })).toBe("name = 'the \"best\"'");
    expect(() => either({ name: `O'Brien's "best"` })).toThrow(ToolError);
    const single = conditionsFilter({ quote: "single", escape: "other", ops: { contains: "like" } });
    expect(single({ name: { contains: "O'Brien" }, town: "Tacoma" })).toBe(
      "name like \"%O'Brien%\" and town = 'Tacoma'",
    );
    expect(() => single({ name: `O'Brien's "best"` })).toThrow(ToolError);
  });

  it.each([
    [{ name: 'a"b' }, "Cannot search by name"],
    [{ name: "a\\" }, "Cannot search by name"],
    [{ seen: { after: "yesterday" } }, "expected a date"],
    [{ id: { in: [] } }, "an empty list matches nothing"],
    [{ id: Number.NaN }, "expected text, a number"],
    [{ id: null as never }, "expected text, a number"],
  ] as [Where, string][])("refuses %j", (where, message) => {
    expect(() => filter(where)).toThrow(message);
  });
});

describe("conditions as a tree", () => {
  const filter = treeFilter({ ops, none: { op: "gte", field: "id", value: 0 } });

  it("is one node for each test", () => {
    expect(
      filter({ title: { contains: "x" }, status: { in: [1, 2] }, owner: { missing: true }, due: { missing: false } }),
    ).toEqual([
      { op: "contains", field: "title", value: "x" },
      { op: "in", field: "status", value: [1, 2] },
      { op: "notExist", field: "owner" },
      { op: "exist", field: "due" },
    ]);
  });

  it("asks for everything where the vendor insists on being asked", () => {
    expect(filter({ title: undefined })).toEqual([{ op: "gte", field: "id", value: 0 }]);
    expect(treeFilter({ ops })({})).toEqual([]);
  });
});

describe("conditions as a rule", () => {
  const filter = ruleFilter({ ops: { is: "is", contains: "contains" } });

  it("is one rule, or several joined", () => {
    const title = { attribute: "title", operator: "contains", value: "x" };
    expect(filter({})).toBeUndefined();
    expect(filter({ title: { contains: "x" } })).toEqual(title);
    expect(filter({ title: { contains: "x" }, "client.name": "Acme" })).toEqual({
      joinOperator: "AND",
      operands: [title, { attribute: "client.name", operator: "is", value: "Acme" }],
    });
  });
});

describe("relative times and names", () => {
  it("counts from now", () => {
    const now = Date.UTC(2026, 10, 20, 12);
    expect(daysAgo(2, now)).toBe(Date.UTC(2026, 10, 18, 12));
    expect(hoursAgo(3, now)).toBe(Date.UTC(2026, 10, 20, 9));
    expect(hoursAhead(3, now)).toBe(Date.UTC(2026, 10, 20, 15));
    expect(daysAgo(undefined, now)).toBeUndefined();
  });

  it("takes digits for an id", () => {
    const names = { id: "id", name: "companyName" };
    expect(idOrName(" 17 ", names)).toEqual({ id: 17 });
    expect(idOrName("17", { ...names, idIsText: true })).toEqual({ id: "17" });
    expect(idOrName("17 Elm", names)).toEqual({ companyName: { contains: "17 Elm" } });
  });
});

/* What an attacker would write, and anything else. */
const nasty = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom('"', "'", "\\", "%", "\n", ")", "(", "]", "[", " ", "a", "=", "\0", "and id > 0"),
  }),
);

/** Splits a text of conditions as a vendor would, and answers what stands outside of quotes and what inside. */
function read(text: string, escapes: "backslash" | "double" | "none") {
  let outside = "";
  const values: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const mark = text[at]!;
    if (mark !== '"' && mark !== "'") {
      outside += mark;
      continue;
    }
    let value = "";
    for (at++; ; at++) {
      if (at >= text.length) return { outside, values: [...values, "never ends"] };
      if (escapes === "backslash" && text[at] === "\\") value += text[++at] ?? "";
      else if (escapes === "double" && text[at] === mark && text[at + 1] === mark) value += text[at++];
      else if (text[at] === mark) break;
      else value += text[at];
    }
    outside += "?";
    values.push(value);
  }
  return { outside, values };
}

const ways = ["backslash", "double", "other", "refuse"] as const;

const asSent = (text: string) => text.replace(/\p{Cc}/gu, " ");

describe("no input leaves its value, in any dialect (FAC-19)", () => {
  it.each(["single", "double", "either"] as const)(
    "a %s quote ends only where the value does, however the vendor reads it",
    (quote) => {
      fc.assert(
        fc.property(nasty, nasty, fc.constantFrom(...ways), (one, two, way) => {
          const filter = conditionsFilter({ quote, escape: way });
          let text: string | undefined;
          try {
            text = filter({ name: one, other: { contains: two }, third: { in: [one, two] }, id: 7 });
          } catch (error) {
            expect(["refuse", "other"]).toContain(way);
            expect(error).toBeInstanceOf(ToolError);
            return;
          }
          const readings = way === "backslash" || way === "double" ? [way] : (["backslash", "none"] as const);
          for (const reading of readings) {
            const { outside, values } = read(text!, reading);
            expect(outside).toBe("name = ? and other contains ? and third in (?, ?) and id = 7");
            expect(values).toEqual([one, two, one, two].map(asSent));
          }
        }),
      );
    },
  );

  it("a date is a date and nothing else", () => {
    const filter = conditionsFilter({ date: "brackets" });
    fc.assert(
      fc.property(fc.oneof(nasty, fc.date({ noInvalidDate: true }).map(String)), (value) => {
        try {
          expect(filter({ seen: { after: value } })).toMatch(/^seen > \[[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\dZ\]$/);
        } catch (error) {
          if (!(error instanceof ToolError)) throw error;
        }
      }),
    );
  });

  it("a tree and a rule keep values as values", () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.double(), fc.boolean(), fc.constant(undefined)), (value) => {
        const where = { name: { is: value as string } };
        const isSayable = value !== undefined && (typeof value !== "number" || Number.isFinite(value));
        if (value !== undefined && !isSayable) {
          expect(() => treeFilter({ ops })(where)).toThrow(ToolError);
          return;
        }
        expect(treeFilter({ ops })(where)).toEqual(isSayable ? [{ op: "eq", field: "name", value }] : []);
        expect(ruleFilter({ ops })(where)).toEqual(
          isSayable ? { attribute: "name", operator: "eq", value } : undefined,
        );
      }),
    );
  });
});

describe("what comes behind the last item", () => {
  const filter = treeFilter({ ops, none: { op: "gte", field: "id", value: 0 } });

  it("is asked for beside what was asked before, and by nothing on the first page", () => {
    const asked = filter<object[]>({ status: 1 });
    expect(behind(asked, "id", undefined)).toBe(asked);
    expect(behind(asked, "id", 500)).toEqual([...asked, { op: "gt", field: "id", value: 500 }]);
    expect(behind(undefined, "id", 7)).toEqual([{ op: "gt", field: "id", value: 7 }]);
  });
});
