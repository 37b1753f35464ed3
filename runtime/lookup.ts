import { ToolError } from "./errors.ts";
import type { Listing } from "./pages.ts";
import { take } from "./take.ts";
import { quotable } from "./text.ts";

interface LookupOptions<Item> {
  /** What is looked for, in the singular: "organization". */
  readonly what: string;
  readonly by: (item: Item) => string | null | undefined;
  readonly is: string;
}

const CANDIDATES = 5;
const LOOKED_AT = 1000;
const MAX_NAME = 80;

/**
 * The one item with this name; without regard to case, an equal name before one that contains it.
 * @throws ToolError NO_MATCH or AMBIGUOUS, with up to five candidates
 */
export async function lookup<Item>(
  source: Listing<Item> | readonly Item[],
  { what, by, is }: LookupOptions<Item>,
): Promise<Item> {
  const { items } = await take(LOOKED_AT, source);
  const wanted = is.trim().toLowerCase();
  const named = (matches: (name: string) => boolean) => items.filter((item) => matches((by(item) ?? "").toLowerCase()));
  const equal = named((name) => name === wanted);
  const close = equal.length > 0 ? equal : named((name) => name.includes(wanted));
  if (close.length === 1) return close[0] as Item;
  const shown = (close.length > 0 ? close : items).slice(0, CANDIDATES);
  const candidates = shown.map((item) => quotable(by(item) ?? "", MAX_NAME)).filter((name) => name !== "");
  throw close.length === 0
    ? new ToolError("NO_MATCH", `No ${what} has this name.`, { candidates })
    : new ToolError("AMBIGUOUS", `${close.length} ${what} entries match this name.`, { candidates });
}
