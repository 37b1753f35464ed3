import { ToolError } from "./errors.ts";
import { isTakenOut } from "./rows.ts";
import type { Transport } from "./transport.ts";

/** Where a page begins, in the vendor's own terms: a number, a cursor, or several search keys. */
export type Position = number | string | readonly (string | number)[];

export interface Page<Item, At> {
  /** Null is an empty list; a list that is missing is an answer we do not understand, not an empty one. */
  readonly items: readonly Item[] | null | undefined;
  /** Where the next page begins; nothing on the last one. */
  readonly next?: At | null;
  /** How many there are on all pages, if the vendor says so. */
  readonly total?: number | null;
}

/** One page as read: each item with its offset in the vendor's page, so that reading can go on behind any item. */
export interface Chunk<Item> {
  readonly at: Position | undefined;
  readonly size: number | undefined;
  /** Items of the page before this offset were read by an earlier call. */
  readonly from: number;
  /** Items of the page from there on, wanted or not; holes are none. */
  readonly seen: number;
  /** `rank`: how many of these stood before it. */
  readonly entries: readonly { readonly item: Item; readonly offset: number; readonly rank: number }[];
  readonly next: Position | undefined;
  readonly total: number | undefined;
}

/** Where to go on: behind `offset` items of the page at `at`, which was read with `size` items. */
export interface Resume {
  readonly at?: Position;
  readonly size?: number;
  readonly offset: number;
}

/** A vendor's list, read page by page and only as far as somebody iterates. */
export interface Listing<Item> extends AsyncIterable<Item> {
  /** The pages from the start or from `resume`. `wanted` lets a vendor page be smaller when only a few items are needed. */
  chunks(options?: { resume?: Resume; wanted?: number }): AsyncGenerator<Chunk<Item>>;
  /** Whether a position that came from outside can be one of this list. */
  accepts(at: Position | undefined): boolean;
}

/** `0` starts a list whose pages are numbers, not one whose pages are all `0`. */
type Wide<At> = At extends number ? number : At extends string ? string : At;

/** At most so many pages per call: a vendor whose cursor never ends cannot hold one forever. */
const MAX_PAGES = 50;

interface PagesOptions {
  readonly size?: number;
  readonly maxPages?: number;
  /** Pages are as large as they can be, however few items are wanted. */
  readonly whole?: boolean;
}

/** How a client reads its lists: with a boundary in whole pages, because most of their items may be left out. */
export const pagesFor = ({ boundary }: Pick<Transport, "boundary">): typeof pages =>
  boundary ? (first, read, options) => pages(first, read, { ...options, whole: true }) : pages;

/**
 * A list by pages. `read` gets where the page begins and, when `size` is declared, how many items to ask for.
 * @throws ToolError VENDOR_UNEXPECTED while reading, when `items` is no list or a page is its own next page
 */
export function pages<Item, At extends Position | undefined>(
  first: At,
  read: (at: Wide<At>, size: number) => Promise<Page<Item, NonNullable<Wide<At>>>>,
  { size: full, maxPages = MAX_PAGES, whole = false }: PagesOptions = {},
): Listing<Item> {
  async function* chunks({ resume, wanted }: { resume?: Resume; wanted?: number } = {}): AsyncGenerator<Chunk<Item>> {
    const size = full && Math.min(full, resume?.size ?? (whole ? full : (wanted ?? full)));
    let at = (resume?.at ?? first) as Wide<At>; // `accepts` has compared it with `first`
    let from = resume?.offset ?? 0;
    for (let page = 0; page < maxPages; page++) {
      const { items, next, total } = await read(at, size ?? 0);
      const chunk = chunkOf(items === null ? [] : items, {
        at,
        size,
        from,
        next: next ?? undefined,
        total: typeof total === "number" ? total : undefined, // one that is hidden is none
      });
      yield chunk;
      if (chunk.next === undefined) return;
      at = chunk.next as Wide<At>;
      from = 0;
    }
  }
  return { chunks, accepts: (at) => sameKind(first, at), [Symbol.asyncIterator]: () => itemsOf(chunks()) };
}

function chunkOf<Item>(
  items: readonly Item[] | undefined,
  place: Pick<Chunk<Item>, "at" | "size" | "from" | "next" | "total">,
): Chunk<Item> {
  if (!Array.isArray(items))
    throw new ToolError("VENDOR_UNEXPECTED", "The vendor's answer lacks the list that was asked for.");
  if (place.next !== undefined && JSON.stringify(place.next) === JSON.stringify(place.at))
    throw new ToolError("VENDOR_UNEXPECTED", "The vendor's list leads back to the same page.");
  const rest = items.map((item, offset) => ({ item, offset })).slice(place.from);
  // Some lists have holes, and a boundary makes them.
  const entries = rest
    .filter(({ item }) => item !== null && item !== undefined && !isTakenOut(item))
    .map((each, rank) => ({ ...each, rank }));
  return { ...place, entries, seen: entries.length };
}

export async function* itemsOf<Item>(chunks: AsyncIterable<Chunk<Item>>): AsyncGenerator<Item> {
  for await (const { entries } of chunks) for (const { item } of entries) yield item;
}

const MAX_PAGE_NUMBER = 1_000_000;
const MAX_KEYS = 10;
const MAX_TEXT = 1000;

function sameKind(first: Position | undefined, at: unknown): boolean {
  if (at === undefined) return first === undefined;
  if (typeof first === "number")
    return Number.isSafeInteger(at) && Number(at) >= first && Number(at) <= MAX_PAGE_NUMBER;
  if (typeof first === "string" || !Array.isArray(at)) return isKey(at);
  return at.length <= MAX_KEYS && at.every(isKey);
}

const isKey = (value: unknown) =>
  typeof value === "string" ? value.length <= MAX_TEXT : typeof value === "number" && Number.isFinite(value);
