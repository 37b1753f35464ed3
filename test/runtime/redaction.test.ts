import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { across, vendors } from "../../generated/index.ts";
import {
  callTool,
  compilePattern,
  DATA_CLASSES,
  DEFAULT_RULES,
  newCall,
  type RedactionRules,
  redactFor,
  type Tool,
  ToolError,
} from "../../runtime/index.ts";
import { answerOf } from "./random-output.ts";

const output = z.object({
  contacts: z.array(
    z.object({
      name: z.string().optional(),
      email: z.string().optional(),
      age: z.number().optional(),
      tags: z.array(z.string()).optional(),
      note: z.string().optional(),
    }),
  ),
  total: z.number(),
  custom: z.record(z.string(), z.unknown()).optional(),
  truncated: z.boolean(),
});

const base: Tool = {
  name: "acme_list_contacts",
  title: "T",
  description: "D",
  access: "read",
  idempotent: true,
  lists: ["contacts"],
  input: z.strictObject({}),
  output,
  classes: { personal: ["contacts.name", "contacts.email", "contacts.age", "contacts.tags"], financial: ["total"] },
  run: async () => ({}),
};
const rules = (more: Partial<RedactionRules>): RedactionRules => ({ ...DEFAULT_RULES, ...more });
const answer = {
  contacts: [{ name: "Ann Example", email: "ann@acme.example", age: 40, tags: ["x"], note: "Ann Example called" }],
  total: 12.5,
  custom: { "Home address": "1 Test Street", Serial: "4111111111111111", 7: "AKIAIOSFODNN7EXAMPLE" },
  truncated: false,
};

describe("rules by class", () => {
  it("hold for each tool as it is, by whichever rules it was asked before, and past many names (APR-05)", () => {
    const [strict, open] = [rules({ classes: ["personal"] }), rules({})];
    const bare: Tool = { ...base, name: "acme_bare", classes: {} };
    const names = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`name ${n}`, "x"]));
    for (let round = 0; round < 2; round++) {
      const shown = (by: RedactionRules, tool: Tool) =>
        (redactFor(by, tool, answer).value as typeof answer).contacts[0]!.name;
      expect(shown(strict, base)).toBe("[hidden: personal data]");
      expect(shown(strict, bare)).toBe("Ann Example");
      expect(shown(open, base)).toBe("Ann Example");
      const { custom } = redactFor(open, base, { ...answer, custom: { ...names, Serial: "4111111111111111", password: "hunter2-x9" } }).value as typeof answer; // biome-ignore format: one thought
      expect(custom).toMatchObject({ Serial: "4111111111111111", "name 4999": "x", password: "[secret]" });
    }
  });

  it("hide marked fields, what they held elsewhere, and count both (APR-05, TEN-12)", () => {
    const { value, removed } = redactFor(rules({ classes: ["personal"] }), base, answer);
    expect(value).toEqual({
      contacts: [{ name: "[hidden: personal data]", email: "[hidden: personal data]", note: "[hidden] called" }],
      total: 12.5,
      custom: { "Home address": "[hidden: personal data]", Serial: "4111111111111111", 7: "[secret]" },
      truncated: false,
    });
    expect(removed).toEqual({ personal: 6, secret: 1 });
    expect(output.safeParse(value).success).toBe(true);
  });

  it("hide nothing but keys and passwords for an organisation without rules (APR-05)", () => {
    const { value, removed } = redactFor(DEFAULT_RULES, base, answer);
    expect(value).toEqual({ ...answer, custom: { ...answer.custom, 7: "[secret]" } });
    expect(removed).toEqual({ secret: 1 });
    const off = redactFor(rules({ detectors: { keys: false } }), base, answer);
    expect(off).toEqual({ value: answer, removed: {} });
  });

  it("leave an answer valid: what may be missing goes, lists become empty, and where nothing is left it says so (TEN-12)", () => {
    const refuse = () => redactFor(rules({ classes: ["financial"] }), base, answer);
    expect(refuse).toThrow(ToolError);
    expect(refuse).toThrow("acme_list_contacts ran, and the rules of this organisation hide its whole answer.");
    const { value } = redactFor(rules({ fields: ["contacts"] }), base, answer);
    expect(value).toEqual({ ...answer, contacts: [], custom: { ...answer.custom, 7: "[secret]" } });
    const inner = { ...base, output: z.object({ sum: z.object({ total: z.number() }).optional(), id: z.string() }) };
    const left = redactFor(rules({ fields: ["sum.total"] }), { ...inner, classes: {} }, { sum: { total: 1 }, id: "7" });
    expect(left.value).toEqual({ id: "7" });
  });

  it("hide all that a tool of a hidden class answers, but for how whole it is (TEN-12)", () => {
    const tool = { ...base, output: output.omit({ total: true }), dataClass: "health" as const };
    const { value } = redactFor(rules({ classes: ["health"] }), tool, { contacts: answer.contacts, truncated: true });
    expect(value).toEqual({ contacts: [], truncated: true });
  });

  it("leave a reveal tool what it is for, and nothing else (APR-05, APR-06)", () => {
    const tool: Tool = {
      ...base,
      access: "reveal",
      output: z.object({ password: z.string().optional(), note: z.string().optional() }),
      classes: { secret: ["password"] },
    };
    const all = rules({ classes: DATA_CLASSES, fields: ["password"], patterns: [{ name: "pw", pattern: "Hunter*" }] });
    const { value } = redactFor(all, tool, { password: "Hunter22!", note: "was password: Hunter21!" });
    expect(value["password"]).toBe("Hunter22!");
    expect(value["note"]).not.toContain("Hunter21!");
  });
});

describe("detectors", () => {
  it("are on with their class, and on or off by name (APR-05)", () => {
    const text = { contacts: [{ note: "Visa 4111 1111 1111 1111, ann@acme.example" }], total: 1, truncated: false };
    const noteFor = (more: Partial<RedactionRules>) =>
      (redactFor(rules(more), base, text).value as typeof text).contacts[0]!.note;
    expect(noteFor({})).toBe("Visa 4111 1111 1111 1111, ann@acme.example");
    expect(noteFor({ classes: ["personal"] })).toBe("Visa 4111 1111 1111 1111, [email]");
    expect(noteFor({ detectors: { cards: true } })).toBe("Visa [card], ann@acme.example");
    expect(noteFor({ classes: ["personal"], detectors: { email: false } })).toContain("ann@acme.example");
  });

  it("know the name that a short value stands under (APR-05)", () => {
    const { value } = redactFor(
      rules({ classes: ["personal", "financial"] }),
      { ...base, classes: {} },
      {
        contacts: [],
        total: 1,
        custom: {
          ssn: "219099999",
          "Serial number": "4111111111111111",
          card: "4111111111111111",
          Password: "Hunter22!",
        },
        truncated: false,
      },
    );
    expect(value["custom"]).toEqual({
      ssn: "[hidden: personal data]",
      "Serial number": "4111111111111111",
      card: "[card]",
      Password: "[secret]",
    });
  });

  it("keep names in open maps apart when they are hidden (APR-05)", () => {
    const byPerson = { "ann@acme.example": 3, "bob@acme.example": 4 };
    const { value } = redactFor(rules({ classes: ["personal"] }), base, {
      contacts: [],
      total: 1,
      custom: byPerson,
      truncated: false,
    });
    expect(value["custom"]).toEqual({ "[email]": 3, "[email] (2)": 4 });
  });
});

describe("fields and patterns of an organisation", () => {
  it("are hidden by path, by name at any depth, and by wildcards, each counted (APR-05)", () => {
    const { value, removed } = redactFor(
      rules({
        fields: ["contacts.note", "SERIAL"],
        patterns: [{ name: "employee numbers", pattern: "EMP-####" }],
      }),
      { ...base, classes: {} },
      {
        contacts: [{ name: "emp-1234 and EMP-12345", note: "private" }],
        total: 1,
        custom: { Serial: 5, x: { serial: "a" } },
        truncated: false,
      },
    );
    expect(value).toEqual({
      contacts: [{ name: "[hidden: employee numbers] and EMP-12345", note: "[hidden: by rule]" }],
      total: 1,
      custom: { x: { serial: "[hidden: by rule]" } },
      truncated: false,
    });
    expect(removed).toEqual({ field: 3, "pattern:employee numbers": 1 });
  });

  it.each([
    ["PROJ-*", "see PROJ-alpha/7 now", "PROJ-alpha/7"],
    ["@@##", "AB12", "AB12"],
    ["ab?d", "abcd", "abcd"],
    ["1\\*2", "1*2", "1*2"],
    ["(a+)+$.[x]", "(a+)+$.[x]", "(a+)+$.[x]"],
    ["Acme  Ltd", "acme\tltd", "acme\tltd"],
  ])("%s finds %j", (pattern, text, found) => {
    const compiled = compilePattern(pattern);
    if (!compiled.ok) throw new Error(compiled.problem);
    expect(text.match(compiled.shape)?.[0]).toContain(found);
  });

  it.each(["", "*", "**a*", "a*b*c*d", "ab", "??????", `${"a".repeat(201)}`])("%s is refused", (pattern) => {
    expect(compilePattern(pattern)).toMatchObject({ ok: false, problem: expect.any(String) });
  });

  it("cannot be slow, whatever people write and vendors answer (APR-05)", () => {
    const sign = fc.constantFrom("#", "@", "?", "*", "a", "1", " ", "-", "(", "+", "\\", ".");
    fc.assert(
      fc.property(
        fc.array(sign, { minLength: 3, maxLength: 40 }),
        fc.constantFrom("a", "1", "a ", "-", "(a+"),
        (signs, part) => {
          const compiled = compilePattern(signs.join(""));
          if (!compiled.ok) return;
          const began = performance.now();
          part.repeat(20_000).replace(compiled.shape, "");
          expect(performance.now() - began).toBeLessThan(2000);
        },
      ),
    );
  });
});

describe("errors", () => {
  it("carry the vendor's words without what is hidden (APR-05, APR-08)", async () => {
    const failing: Tool = {
      ...base,
      async run() {
        throw new ToolError("AMBIGUOUS", "Several.", {
          vendorSaid: "ann@acme.example sent AKIAIOSFODNN7EXAMPLE",
          candidates: ["ann@acme.example", "Bob"],
          retryAfterSeconds: 3,
          advice: "Choose.",
        });
      },
    };
    const call = (redaction?: RedactionRules) =>
      callTool(failing, { args: {}, client: undefined, call: newCall(), ...(redaction && { redaction }) });
    const result = await call(rules({ classes: ["personal"] }));
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: "AMBIGUOUS",
        message: "Several.",
        advice: "Choose.",
        retryAfterSeconds: 3,
        vendorSaid: "[email] sent [secret]",
        candidates: ["[email]", "Bob"],
      },
    });
    expect(await call()).toMatchObject({ error: { vendorSaid: "ann@acme.example sent [secret]" } });
  });
});

describe("all shipped tools", () => {
  const tools = [...vendors, ...across].flatMap((set) => set.tools as readonly Tool[]);
  const everything = rules({ classes: DATA_CLASSES });

  it("answer what their schema says after redaction, no marked value survives, and twice is as once (APR-05, TEN-12)", () => {
    for (const tool of tools)
      fc.assert(
        fc.property(answerOf(tool), ({ value, marked }) => {
          const classed = { ...tool, ...(tool.dataClass && { dataClass: tool.dataClass }) };
          try {
            const once = redactFor(everything, classed, value);
            const parsed = tool.output.safeParse(once.value);
            expect(parsed.error?.issues, tool.name).toBeUndefined();
            const json = JSON.stringify(once.value);
            for (const text of marked) expect(json, tool.name).not.toContain(text);
            const again = redactFor(everything, classed, once.value);
            expect(again.value).toEqual(once.value);
            expect(again.removed).toEqual({});
          } catch (error) {
            if (!(error instanceof ToolError && error.code === "HIDDEN")) throw error;
          }
        }),
        { numRuns: 4 },
      );
  }, 120_000);
});

it("is the same after a second time, whatever the texts (APR-05)", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "password: ", "[secret]", "[hidden: personal data]", "[", "]", "4111 1111 1111 1111", "ann@acme.example", "Bearer ",
      "AKIAIOSFODNN7EXAMPLE", "219-09-9999", " ", ":", "+1 212 555 0147", "Hunter22!", "pw is ", "DE89370400440532013000", "a", "1",
    ),
    fc.string({ maxLength: 5 }),
  ); // biome-ignore format: one list
  const patterns = [
    { name: "data", pattern: "personal*" },
    { name: "x", pattern: "a*1?#" },
  ];
  const all = rules({ classes: DATA_CLASSES, patterns, fields: ["email"] });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(piece, { maxLength: 4 }), (note, name) => {
      const value = { contacts: [{ note: note.join(""), name: name.join("") }], total: 1, truncated: false };
      const tool = { ...base, classes: { personal: ["contacts.name"] } };
      const once = redactFor(all, tool, value);
      expect(redactFor(all, tool, once.value)).toEqual({ value: once.value, removed: {} });
    }),
    { numRuns: 500, examples: [[["AKIAIOSFODNN7EXAMPLE", ":", "Hunter22!"], []]] },
  );
});
