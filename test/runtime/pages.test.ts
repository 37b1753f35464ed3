import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { contains, keep, kept, type Listing, pages, take } from "../../runtime/index.ts";
import { RECUT } from "../../runtime/take.ts";

/** A vendor with numbered pages from `first`. */
function numbered(items: readonly number[], { first = 0, full = 3, sized = false } = {}) {
  const asked: [number, number][] = [];
  const listing = pages(
    first,
    async (page, size) => {
      asked.push([page, size]);
      const length = sized ? size : full;
      const from = (page - first) * length;
      return {
        items: items.slice(from, from + length),
        next: from + length < items.length ? page + 1 : undefined,
        total: items.length,
      };
    },
    sized ? { size: full } : {},
  );
  return { listing, asked };
}

/** A vendor whose next page is found by the keys of the last item. */
const searched = (items: readonly number[], full = 3): Listing<number> =>
  pages<number, readonly number[] | undefined>(undefined, async (after) => {
    const from = after ? items.indexOf(after[0]!) + 1 : 0;
    const page = items.slice(from, from + full);
    return { items: page, next: from + full < items.length ? [page.at(-1)!] : null };
  });

const upTo = (many: number) => Array.from({ length: many }, (_, index) => index);

/** Follows cursors until there are no more. */
async function readAll(list: () => Listing<number>, limit: number) {
  const read: number[] = [];
  let cursor: string | undefined;
  for (let turn = 0; turn < 200; turn++) {
    const part = await take(limit, list(), cursor);
    expect(part.items.length).toBeLessThanOrEqual(limit);
    read.push(...part.items);
    cursor = part.more.next_cursor;
    expect(part.truncated).toBe(cursor !== undefined);
    if (cursor === undefined) return read;
  }
  throw new Error("The cursors never end.");
}

describe("a list", () => {
  it("is read page by page, only as far as somebody iterates", async () => {
    const { listing, asked } = numbered(upTo(10));
    for await (const item of listing) if (item === 4) break;
    expect(asked.map(([page]) => page)).toEqual([0, 1]);
  });

  it("ends after its pages, at an empty answer, and after so many pages at the latest (FAC-13)", async () => {
    const endless = vi.fn(async (page: number) => ({ items: [page], next: page + 1 }));
    const items: number[] = [];
    for await (const item of pages(0, endless, { maxPages: 4 })) items.push(item);
    expect(items).toEqual([0, 1, 2, 3]);
    for (const none of [null, []])
      expect(
        (
          await take(
            5,
            pages(0, async () => ({ items: none as number[] })),
          )
        ).items,
      ).toEqual([]);
  });

  it("that is missing, no list, or leads back to itself, is a readable error", async () => {
    await expect(
      take(
        5,
        pages(0, async () => ({ items: undefined })),
      ),
    ).rejects.toMatchObject({ code: "VENDOR_UNEXPECTED" });
    await expect(
      take(
        5,
        pages(0, async () => ({ items: { a: 1 } as unknown as number[] })),
      ),
    ).rejects.toMatchObject({ code: "VENDOR_UNEXPECTED" });
    await expect(
      take(
        5,
        pages("a", async (at) => ({ items: [1], next: at })),
      ),
    ).rejects.toMatchObject({ code: "VENDOR_UNEXPECTED" });
  });
});

describe("take", () => {
  it("answers the first items and whether there are more (VEN-24)", async () => {
    const { listing } = numbered(upTo(5));
    expect(await take(4, listing)).toMatchObject({
      items: [0, 1, 2, 3],
      truncated: true,
      total: 5,
      more: { truncated: true },
    });
    expect(await take(5, listing)).toMatchObject({ items: upTo(5), truncated: false, more: { truncated: false } });
    expect((await take(5, listing)).more).not.toHaveProperty("next_cursor");
    expect(await take(2, ["a", "b", "c"])).toMatchObject({ items: ["a", "b"], truncated: true });
  });

  it("asks for no more than needed", async () => {
    const { listing, asked } = numbered(upTo(1000), { full: 250, sized: true });
    const first = await take(25, listing);
    const second = await take(50, listing, first.more.next_cursor);
    expect([...first.items, ...second.items]).toEqual(upTo(75));
    expect(asked).toEqual([
      [0, 25],
      [1, 25],
      [2, 25],
    ]);
  });

  it("never loses or repeats an item, whatever the sizes (VEN-24)", async () => {
    const sizes = fc.record({
      many: fc.integer({ min: 0, max: 60 }),
      limit: fc.integer({ min: 1, max: 20 }),
      full: fc.integer({ min: 1, max: 15 }),
      first: fc.constantFrom(0, 1),
      sized: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ many, limit, ...how }) => {
        expect(await readAll(() => numbered(upTo(many), how).listing, limit)).toEqual(upTo(many));
        expect(await readAll(() => searched(upTo(many), how.full), limit)).toEqual(upTo(many));
      }),
    );
  });

  it("goes on behind any item that the size cap keeps (VEN-24)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.nat(12), fc.boolean(), async (limit, keeping, sized) => {
        const list = () => numbered(upTo(30), { full: 4, sized }).listing;
        const { items, more } = await take(limit, list());
        const kept = Math.min(keeping, items.length);
        const { next_cursor } = more[RECUT](kept);
        const rest = await take(100, list(), next_cursor);
        expect([...items.slice(0, kept), ...rest.items]).toEqual(upTo(30));
      }),
    );
  });

  it("refuses a text that is no cursor of the list (VEN-24)", async () => {
    const { listing, asked } = numbered(upTo(9), { first: 1 });
    const cursorOf = (...place: unknown[]) => Buffer.from(JSON.stringify(place)).toString("base64url");
    const wrong = [
      "",
      "x",
      "🙂",
      cursorOf(),
      cursorOf(0, null, 0),
      cursorOf(1.5, null, 0),
      cursorOf("1", null, 0),
      cursorOf(1, null, -1),
    ];
    wrong.push(
      cursorOf(1, null, 1e9),
      cursorOf(1, 0, 0),
      cursorOf(1, "9", 0),
      cursorOf([1], null, 0),
      cursorOf(1, null, 0, 0),
      cursorOf(1e9, null, 0),
      cursorOf(null, null, 0),
    );
    for (const cursor of wrong)
      await expect(take(3, listing, cursor), cursor).rejects.toMatchObject({
        code: "INVALID_INPUT",
        fields: [{ field: "cursor" }],
      });
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        await take(3, listing, text).catch((error) => expect(error.code).toBe("INVALID_INPUT"));
      }),
    );
    expect(asked).toEqual([]);
    await expect(take(3, searched(upTo(9)), cursorOf([{}], null, 0))).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(take(3, searched(upTo(9)), cursorOf(["x".repeat(2000)], null, 0))).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });
});

describe("keep", () => {
  const even = (item: number) => item % 2 === 0;

  it("finds what the vendor cannot filter, with coverage", async () => {
    const { listing } = numbered(upTo(10));
    expect(await take(20, keep(listing, even))).toMatchObject({
      items: [0, 2, 4, 6, 8],
      truncated: false,
      coverage: { of: 10, asked: 10, answered: 10, failed: 0, complete: true },
    });
    expect(await take(2, keep(listing, even))).toMatchObject({
      items: [0, 2],
      coverage: { of: 10, asked: 3, complete: false },
    });
  });

  it("looks at so many pages per call and goes on from there", async () => {
    const { listing, asked } = numbered(upTo(30));
    const none = await take(
      5,
      keep(listing, (item) => item > 25, 2),
    );
    expect(none).toMatchObject({ items: [], truncated: true, coverage: { of: 30, asked: 6, complete: false } });
    expect(asked).toHaveLength(2);
    expect(await readAll(() => keep(numbered(upTo(30)).listing, (item) => item > 25, 2), 5)).toEqual([26, 27, 28, 29]);
  });

  it("takes one thing only when it is the one that was meant", async () => {
    const device = Promise.resolve({ id: 12 });
    expect(await kept(device, ({ id }) => id === 12)).toEqual({ id: 12 });
    await expect(kept(device, ({ id }) => id === 13)).rejects.toMatchObject({ code: "VENDOR_NOT_FOUND" });
    expect(await kept(Promise.resolve(undefined), () => false)).toBeUndefined();
  });

  it("never loses or repeats a wanted item (VEN-24)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(9), { maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 3 }),
        async (digits, limit, scanPages) => {
          const wanted = (index: number) => contains(digits[index], "1") || digits[index]! > 6;
          const found = await readAll(
            () => keep(numbered(digits.map((_, index) => index)).listing, wanted, scanPages),
            limit,
          );
          expect(found).toEqual(digits.map((_, index) => index).filter(wanted));
        },
      ),
    );
  });
});
