import { describe, expect, it } from "vitest";
import {
  atLeast,
  count,
  flatAll,
  is,
  isoTime,
  labelsIn,
  listed,
  lookup,
  missing,
  pages,
  plainText,
  sum,
  take,
  withoutSecrets,
} from "../../runtime/index.ts";
import { parseJson } from "../../runtime/read-body.ts";

/** What a vendor may answer where its description says something else. */
const odd = <T>(value: unknown) => value as T;
const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const nested = JSON.parse(deep(5000)) as unknown;

describe("answers that are not what their description says (VEN-21)", () => {
  it("are gone through as lists only where they are lists, and without the holes that paging counts", () => {
    for (const value of [null, undefined, "text", 7, true, {}, { map: 1 }])
      expect(listed(odd<never>(value))).toBeUndefined();
    expect(listed([1, null, 0, undefined, ""])).toEqual([1, 0, ""]);
    expect(flatAll(odd<never>([{ id: 1, attributes: { name: "a" } }, null]))).toEqual([{ id: "1", name: "a" }, null]);
    expect(flatAll(odd<never>({ id: 1 }))).toBeUndefined();
    expect(labelsIn(odd<never>("none"), (item: { id: string }) => ({ id: item.id, label: item.id }))).toEqual([]);
  });

  it("leave holes out of pages without losing the place", async () => {
    const list = () => pages(0, async () => ({ items: [1, odd<number>(null), 2, 3] }));
    const first = await take(2, list());
    expect(first).toMatchObject({ items: [1, 2], truncated: true });
    expect(await take(2, list(), first.more.next_cursor)).toMatchObject({ items: [3], truncated: false });
  });

  it("have no name that could be looked up where the name is no text", async () => {
    const items = [{ name: odd<string>(nested) }, { name: odd<string>({ a: 1 }) }, { name: odd<string>(7) }];
    expect(await lookup(items, { what: "thing", by: ({ name }) => name, is: "7" })).toBe(items[2]);
    await expect(lookup(items, { what: "thing", by: ({ name }) => name, is: "x" })).rejects.toMatchObject({
      code: "NO_MATCH",
      candidates: ["7"],
    });
  });

  it("are compared, counted and converted without an exception, however deep", () => {
    expect([is(nested, "x"), atLeast(nested, 1), missing(nested, false)]).toEqual([false, false, true]);
    expect(sum([{ hours: nested }, { hours: "1.5" }, { hours: {} }], ({ hours }) => hours)).toBe(1.5);
    expect(count([{ state: nested }], { state: ({ state }) => state })).toEqual({
      count: 1,
      by: { state: { "(none)": 1 } },
    });
    expect(withoutSecrets({ wifi: 1, _: 2 }, odd(["Wi-Fi", nested, 7, null]))).toEqual({ _: 2 });
    expect([plainText(nested), plainText(7), plainText({}), isoTime(nested, "ms"), isoTime({}, "utc")]).toEqual([
      undefined,
      "7",
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("are no JSON of ours when they are nested without end", () => {
    expect(parseJson(deep(100))).toHaveLength(1);
    for (const text of [deep(102), deep(50_000), `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});
