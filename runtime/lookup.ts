import { asText } from "./convert.ts";
import { ToolError } from "./errors.ts";
import type { Where } from "./filters/where.ts";
import type { Listing } from "./pages.ts";
import { take } from "./take.ts";
import { quotable } from "./text.ts";

/** Where there is nothing to choose from. */
const NO_NAMES = { advice: "Search with part of the name, or ask the person what it is called there." };

interface LookupOptions<Item> {
  /** What is looked for, in the singular: "organization". */
  readonly what: string;
  readonly by: (item: Item) => string | null | undefined;
  readonly is: string;
  /** Where its id stands: digits are compared with that first. */
  readonly id?: (item: Item) => string | number | null | undefined;
  /** Accept the only name that contains the wanted text, when none is equal. */
  readonly contains?: boolean;
}

const CANDIDATES = 5;
const LOOKED_AT = 1000;
const MAX_NAME = 80;

/**
 * The one item with this name, without regard to case.
 * @throws ToolError NO_MATCH or AMBIGUOUS, with up to five candidates
 */
export async function lookup<Item>(
  source: Listing<Item> | readonly Item[],
  { what, by, id, is, contains = false }: LookupOptions<Item>,
): Promise<Item> {
  const { items } = await take(LOOKED_AT, source);
  const nameOf = (item: Item) => asText(by(item)) ?? "";
  const same = id && isId(is) ? items.find((item) => asText(id(item)) === is.trim()) : undefined;
  if (same !== undefined) return same;
  const wanted = is.trim().toLowerCase();
  const named = (matches: (name: string) => boolean) => items.filter((item) => matches(nameOf(item).toLowerCase()));
  const equal = named((name) => name === wanted);
  const close = named((name) => name.includes(wanted));
  const found = equal.length > 0 || !contains ? equal : close;
  if (found.length === 1) return found[0] as Item;
  const shown = [found, close, items].find((some) => some.length > 0) ?? [];
  const candidates = shown
    .slice(0, CANDIDATES)
    .map((item) => quotable(nameOf(item), MAX_NAME))
    .filter((name) => name !== "");
  throw found.length === 0
    ? new ToolError("NO_MATCH", `No ${what} has this name.`, candidates.length > 0 ? { candidates } : NO_NAMES)
    : new ToolError("AMBIGUOUS", `${found.length} ${what} entries match this name.`, { candidates });
}

interface Names {
  readonly id: string;
  readonly name: string;
  readonly idIsText?: boolean;
  readonly test?: "contains" | "is";
}

/** What to ask for when somebody may give an id or a name: digits are an id. */
export function idOrName(wanted: string, { id, name, idIsText = false, test = "contains" }: Names): Where {
  const text = wanted.trim();
  return isId(text) ? { [id]: idIsText ? text : Number(text) } : { [name]: { [test]: text } };
}

const isId = (text: string) => /^\d{1,20}$/.test(text.trim());
