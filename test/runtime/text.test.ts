import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ageDays, asText, isoTime, midnight, plainText, quotable, stripInvisible } from "../../runtime/index.ts";
import { hidesCharacters, shorten } from "../../runtime/text.ts";

describe("stripInvisible", () => {
  it("takes out what nobody sees: controls, direction marks, zero-width and tag characters (APR-08)", () => {
    const hidden =
      "\u0000\u0007\u001b\u007f\u0085\u009f\u00ad\u061c\u200b\u200d\u200e\u202e\u2066\u2069\ufeff\u180e\u3164\ufff9\u{e0041}\u{e0100}\ud800\ue000";
    expect(stripInvisible(`a${hidden}b`)).toBe("a\nb");
    expect(stripInvisible("tab\tline\nend\r\nend\rend\u2028x")).toBe("tab\tline\nend\nend\nend\nx");
    expect(stripInvisible("Grüße, 日本語, العربية, 👍🏽 – „ok“")).toBe("Grüße, 日本語, العربية, 👍🏽 – „ok“");
  });

  it("takes out what is drawn as nothing, and makes every blank the usual one (APR-08)", () => {
    const selectors = Array.from({ length: 16 }, (_, index) => String.fromCodePoint(0xfe00 + index)).join("");
    const more = [0, 77, 239].map((index) => String.fromCodePoint(0xe0100 + index)).join("");
    const tags = [..."ignore"].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("");
    expect(
      stripInvisible(
        `a${selectors}${more}${tags}\u2060\u2061\u2063\u2064\u034f\u115f\u17b4\uffa0\ufffc\u{1d159}\u{1d173}b`,
      ),
    ).toBe("ab");
    expect(stripInvisible("a\u00a0b\u2007c\u202fd\u3000e\u2800f\u1680g")).toBe("a b c d e f g");
  });

  it("leaves no such character, whatever the text (APR-08)", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const clean = stripInvisible(text);
        expect(clean.replace(/[\n\t]/g, "")).not.toMatch(/\p{C}|\p{Default_Ignorable_Code_Point}/u);
        expect(stripInvisible(clean)).toBe(clean);
      }),
    );
  });
});

describe("shortened text", () => {
  it("says how much is gone and keeps characters whole", () => {
    expect(shorten("abc", 3)).toBe("abc");
    expect(shorten("abcdef", 3)).toBe("abc… [3 more characters]");
    expect(shorten("ab👍cd", 3)).toBe("ab… [4 more characters]");
  });

  it("fits a quotation: one line, no double quotes, at most so long (APR-08)", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 50 }), fc.integer({ min: 1, max: 40 }), (text, max) => {
        const quoted = quotable(text, max);
        expect(quoted).not.toMatch(/["\n\r\t]/);
        expect(quoted.length).toBeLessThanOrEqual(max);
        expect(quoted.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("plainText", () => {
  it.each([
    ["<p>Hello <b>world</b></p><p>Bye</p>", "Hello world\n\nBye"],
    ["one<br>two<br/>three", "one\ntwo\nthree"],
    ["<ul><li>a</li><li>b</li></ul>after", "- a\n- b\n\nafter"],
    ["<table><tr><th>Name</th><td>Value</td></tr><tr><td>x</td><td>y</td></tr></table>", "Name Value\nx y"],
    ["a < b && c > d", "a < b && c > d"],
    [
      "5 &lt; 6 &amp;&amp; &quot;x&quot; &#228;&#xF6;&auml; &nbsp;. &unknown; &amp;lt;",
      '5 < 6 && "x" äöä . &unknown; &lt;',
    ],
    ["<script>alert('<p>')</script>text<style>p{}</style><!-- hidden <p> -->!", "text!"],
    ["<img alt=\"a > b\" src='x'>text", "text"],
    ['<p title="never ends>text</p>', "text"],
    ["<script>never ends", ""],
    ["tail <a href", "tail <a href"],
    ["&#0;&#xd800;&#x110000;", "\ufffd\ufffd\ufffd"],
    ["", ""],
  ])("%j is %j", (html, text) => expect(plainText(html)).toBe(text));

  it("takes nothing as nothing", () => {
    expect(plainText(null)).toBeUndefined();
    expect(plainText(undefined)).toBeUndefined();
  });

  it("reads a megabyte of half-open tags in one pass", () => {
    const began = performance.now();
    for (const part of ["<a", "<a '", "<", "<!--", "<script>", "<script></script", "&#", '<a b="'] as const)
      plainText(part.repeat(1_000_000 / part.length));
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it("never fails, whatever the text", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "</",
      "<p",
      "<!--",
      "-->",
      '"',
      "'",
      "script",
      "style",
      "&",
      "#",
      ";",
      "amp",
      "x",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(typeof plainText(pieces.join(""))).toBe("string");
      }),
    );
  });
});

describe("times", () => {
  it.each([
    [1_790_000_000_000, "ms", "2026-09-21T14:13:20.000Z"],
    [1_790_000_000, "s", "2026-09-21T14:13:20.000Z"],
    ["1790000000000", "ms", "2026-09-21T14:13:20.000Z"],
    ["2026-09-21T12:53:20Z", "ms", "2026-09-21T12:53:20Z"],
    [1_790_000_000.5, "s", "2026-09-21T14:13:20.500Z"],
    ["yesterday", "ms", undefined],
    [null, "ms", undefined],
    [undefined, "s", undefined],
    [true, "ms", undefined],
    ["", "ms", undefined],
    [9e18, "ms", undefined],
    [Number.NaN, "ms", undefined],
    ["2026-11-20T08:30:00.123", "utc", "2026-11-20T08:30:00.123Z"],
    ["2026-11-20T08:30:00Z", "utc", "2026-11-20T08:30:00Z"],
    ["2026-11-20T08:30:00+02:00", "utc", "2026-11-20T08:30:00+02:00"],
    ["2026-11-20", "utc", "2026-11-20"],
    ["soon", "utc", undefined],
  ] as const)("%j in %s is %j", (value, unit, text) => expect(isoTime(value, unit)).toBe(text));

  it("ids are texts", () =>
    expect([asText(7), asText("x"), asText(null), asText(undefined)]).toEqual(["7", "x", undefined, undefined]));

  it("ages are whole days", () => {
    const now = Date.parse("2026-11-20T12:00:00Z");
    expect(ageDays("2026-11-18T13:00:00Z", now)).toBe(1);
    expect(ageDays(now - 86_400_000, now)).toBe(1);
    for (const none of [null, undefined, "never", {}]) expect(ageDays(none, now)).toBeUndefined();
  });
});

it("makes a moment of a day", () => {
  expect(midnight("2026-11-20")).toBe("2026-11-20T00:00:00Z");
  expect(midnight(undefined)).toBeUndefined();
});

describe("characters that nobody sees", () => {
  it.each([
    ["plain text\nand tabs\t", false],
    ["Grüße, 日本語, العربية, 👍🏽 – „ok“", false],
    ["👨‍👩‍👧 ❤️ 1️⃣ 🏳️‍🌈", false],
    ["می\u200cخواهم", false],
    ["\ufeffline\r\nline", false],
    ["a\u200bb", true],
    ["gpj\u202eexe", true],
    ["a\u{e0041}b", true],
    ["👍\ufe0f\ufe01\ufe02", true],
    ["a\u200d", true],
    ["a\u0007b", true],
  ])("%j hides some: %s (APR-07, APR-08)", (text, hides) => expect(hidesCharacters(text)).toBe(hides));
});
