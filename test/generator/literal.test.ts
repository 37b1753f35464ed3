import fc from "fast-check";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { access, commentText, literal, propertyKey, templateText } from "../../generator/emit/literal.ts";
import { HIDDEN } from "../../generator/model/hidden.ts";

const nasty = [
  "*/",
  "/*",
  "`",
  "$" + "{process.exit(1)}",
  "\\",
  '"',
  "'",
  "__proto__",
  "\u2028",
  "\u2029",
  "\u202E",
  "\u200B",
  "\n",
  "\r",
  "\0",
  "\uD800",
  "</script>",
  "\u{E0041}",
  "//",
  "]",
  "});",
];

/** Ordinary text of any script with the parts in between that end strings, comments and templates. */
const foreignText = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })), {
    maxLength: 8,
  })
  .map((parts) => parts.join(""));

const evaluate = (code: string): unknown => new Function(`"use strict"; return (${code});`)();

describe("foreign text in TypeScript (FAC-19)", () => {
  it("is one literal that means the same text, and hides nothing", () => {
    fc.assert(
      fc.property(foreignText, (text) => {
        const code = literal(text);
        expect(evaluate(code)).toBe(text);
        expect(HIDDEN.test(code)).toBe(false);
        expect(code.includes("\n")).toBe(false);
      }),
    );
  });

  it("keeps values, keys and nesting, and sets no prototype", () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        foreignText,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.array(fc.tuple(foreignText, tie("value")), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
      ),
    })).value;
    fc.assert(
      fc.property(value, (wanted) => {
        expect(evaluate(literal(wanted))).toEqual(wanted);
      }),
    );
    const odd = evaluate(literal(JSON.parse('{ "__proto__": { "admin": true } }'))) as object;
    expect(Object.hasOwn(odd, "__proto__")).toBe(true);
    expect("admin" in odd).toBe(false);
  });

  it("reads and names any property", () => {
    fc.assert(
      fc.property(foreignText, (name) => {
        const object = evaluate(`{ ${propertyKey(name)}: 1 }`) as Record<string, unknown>;
        expect(Object.getOwnPropertyNames(object)).toEqual([name]);
        const read = new Function("object", `return object${access(name, false)} + object${access(name, true)};`);
        expect(read(object)).toBe(2);
      }),
    );
  });

  it("does not end the template literal it stands in", () => {
    fc.assert(
      fc.property(foreignText, (text) => {
        expect(evaluate(`\`${templateText(text)}\``)).toBe(text);
      }),
    );
  });

  it("does not leave the comment it stands in", () => {
    fc.assert(
      fc.property(foreignText, (text) => {
        for (const code of [`/** ${commentText(text)} */ 42;`, `// ${commentText(text)}\n42;`]) {
          const { statements } = ts.createSourceFile("a.ts", code, ts.ScriptTarget.Latest);
          expect(statements).toHaveLength(1);
          expect(statements[0]!.kind).toBe(ts.SyntaxKind.ExpressionStatement);
          expect(HIDDEN.test(code)).toBe(false);
        }
      }),
    );
  });
});
