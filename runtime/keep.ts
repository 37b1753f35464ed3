import { ToolError } from "./errors.ts";
import { itemsOf, type Listing } from "./pages.ts";

const SCAN_PAGES = 10;

/**
 * Our own filter, where the vendor has none: the wanted items of at most `scanPages` pages per call.
 * `take` says in `coverage` how many were looked at, and its cursor goes on behind them.
 */
export function keep<Item>(
  source: Listing<Item>,
  wanted: (item: Item) => boolean,
  scanPages = SCAN_PAGES,
): Listing<Item> {
  const chunks: Listing<Item>["chunks"] = async function* ({ resume } = {}) {
    let page = 0;
    for await (const chunk of source.chunks({ resume })) {
      yield { ...chunk, entries: chunk.entries.filter(({ item }) => wanted(item)) };
      page += 1;
      if (page === scanPages) return;
    }
  };
  return { chunks, accepts: source.accepts, [Symbol.asyncIterator]: () => itemsOf(chunks()) };
}

/**
 * The one thing that was asked for, if it is what was meant: a vendor that overlooks a filter answers another one.
 * @throws ToolError VENDOR_NOT_FOUND when it is not
 */
export async function kept<T>(asked: Promise<T>, wanted: (answer: NonNullable<T>) => boolean): Promise<T> {
  const answer = await asked;
  if (answer === undefined || answer === null || wanted(answer)) return answer;
  throw new ToolError("VENDOR_NOT_FOUND", "The vendor found nothing that fits.");
}
