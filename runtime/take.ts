import { z } from "zod";
import { closePlace, openPlace } from "./cursor.ts";
import { type Chunk, type Listing, pages, type Resume } from "./pages.ts";

/** How much of a whole was looked at; the answer of every own filter and fan-out carries one. */
export type Coverage = {
  /** How many there are, if known. */
  readonly of?: number;
  readonly asked: number;
  readonly answered: number;
  readonly failed: number;
  /** Nothing was left out. */
  readonly complete: boolean;
};

/** A coverage in an output. Its fields explain themselves in every answer; spelled out they would cost tokens in every list of tools. */
export const coverageSchema = () => z.record(z.string(), z.unknown());

/** Lets the size cap shorten a list after the fact: what `more` says when only so many items are kept. */
export const RECUT = Symbol("recut");

/** To be spread into the result beside the list. */
export interface More {
  readonly truncated: boolean;
  readonly next_cursor?: string;
  readonly [RECUT]: (kept: number) => { readonly truncated: boolean; readonly next_cursor?: string };
}

export interface Taken<Item> {
  readonly items: readonly Item[];
  /** There are more, or there may be: a list that ends exactly here is not asked again to find out. */
  readonly truncated: boolean;
  readonly total?: number;
  readonly coverage: Coverage;
  readonly more: More;
}

/** The first `limit` items of a list, or the next ones after `cursor`, with the cursor to go on from. */
export async function take<Item>(
  limit: number,
  source: Listing<Item> | readonly Item[],
  cursor?: string,
): Promise<Taken<Item>> {
  const listing = "chunks" in source ? source : pages(0, async () => ({ items: source }));
  const resume = cursor === undefined ? undefined : openPlace(cursor, listing);
  const items: Item[] = [];
  const places: Resume[] = [];
  let asked = 0;
  let last: Chunk<Item> | undefined;
  let rest: Resume | undefined;

  for await (const chunk of listing.chunks({ resume, wanted: limit })) {
    last = chunk;
    const fitting = chunk.entries.slice(0, limit - items.length);
    const beyond = chunk.entries[fitting.length];
    for (const { item, offset } of fitting) {
      items.push(item);
      places.push({ at: chunk.at, size: chunk.size, offset });
    }
    asked += beyond ? beyond.rank : chunk.seen;
    rest = beyond ? { at: chunk.at, size: chunk.size, offset: beyond.offset } : nextOf(chunk);
    if (items.length === limit) break;
  }

  const total = last?.total;
  const more = (from: Resume | undefined) => ({
    truncated: from !== undefined,
    ...(from && { next_cursor: closePlace(from) }),
  });
  return {
    items,
    truncated: rest !== undefined,
    ...(total !== undefined && { total }),
    coverage: {
      ...(total !== undefined && { of: total }),
      asked,
      answered: asked,
      failed: 0,
      complete: rest === undefined,
    },
    more: { ...more(rest), [RECUT]: (kept) => more(places[kept] ?? rest) },
  };
}

const nextOf = ({ next, size }: Chunk<unknown>): Resume | undefined =>
  next === undefined ? undefined : { at: next, size, offset: 0 };
