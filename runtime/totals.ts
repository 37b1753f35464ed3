import { asText } from "./convert.ts";

const MAX_KEYS = 50;

/** How many there are, and how many with each value of each picked field. */
export const count = <Item, Picks extends Readonly<Record<string, (item: Item) => unknown>>>(
  items: readonly Item[],
  picks: Picks,
): { count: number; by: { [Name in keyof Picks]: Record<string, number> } } => ({
  count: items.length,
  by: groups(items, () => 1, picks),
});

/** The sum of a number in each item; texts that are numbers count, anything else is zero. */
export const sum = <Item>(items: readonly Item[], pick: (item: Item) => unknown): number =>
  tidy(items.reduce((total, item) => total + finite(pick(item)), 0));

/** The sum of a number in each item, and the sums for each value of each picked field. */
export const sumBy = <Item, Picks extends Readonly<Record<string, (item: Item) => unknown>>>(
  items: readonly Item[],
  pick: (item: Item) => unknown,
  picks: Picks,
): { sum: number; by: { [Name in keyof Picks]: Record<string, number> } } => ({
  sum: sum(items, pick),
  by: groups(items, (item) => finite(pick(item)), picks),
});

const groups = <Item, Picks extends Readonly<Record<string, (item: Item) => unknown>>>(
  items: readonly Item[],
  weigh: (item: Item) => number,
  picks: Picks,
) =>
  Object.fromEntries(Object.entries(picks).map(([name, pick]) => [name, group(items, weigh, pick)])) as {
    [Name in keyof Picks]: Record<string, number>; // the same names as in picks
  };

/** Greatest first; beyond fifty values the rest is summed under `(others)`. */
function group<Item>(
  items: readonly Item[],
  weigh: (item: Item) => number,
  pick: (item: Item) => unknown,
): Record<string, number> {
  const weights = new Map<string, number>();
  for (const item of items) {
    const key = (asText(pick(item)) ?? "(none)").slice(0, 100);
    weights.set(key, (weights.get(key) ?? 0) + weigh(item));
  }
  const sorted = [...weights].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const others = sorted.slice(MAX_KEYS).reduce((total, [, weight]) => total + weight, 0);
  return Object.fromEntries(
    [...sorted.slice(0, MAX_KEYS), ...(others > 0 ? [["(others)", others] as const] : [])].map(
      ([key, weight]) => [key, tidy(weight)] as const,
    ),
  );
}

/** 0.1 + 0.2 is 0.3 to people. */
const tidy = (number: number) => Number(number.toFixed(6));

const finite = (value: unknown) => {
  const number = Number(asText(value) ?? 0);
  return Number.isFinite(number) ? number : 0;
};
