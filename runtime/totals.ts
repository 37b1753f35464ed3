const MAX_KEYS = 50;

/** How many there are, and how many with each value of each picked field. */
export const count = <Item, Picks extends Readonly<Record<string, (item: Item) => unknown>>>(
  items: readonly Item[],
  picks: Picks,
): { count: number; by: { [Name in keyof Picks]: Record<string, number> } } => ({
  count: items.length,
  by: Object.fromEntries(Object.entries(picks).map(([name, pick]) => [name, countBy(items, pick)])) as {
    [Name in keyof Picks]: Record<string, number>; // the same names as in picks
  },
});

/** Most frequent first; beyond fifty values the rest is summed under `(others)`. */
function countBy<Item>(items: readonly Item[], pick: (item: Item) => unknown): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = String(pick(item) ?? "(none)").slice(0, 100);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const others = sorted.slice(MAX_KEYS).reduce((total, [, times]) => total + times, 0);
  return Object.fromEntries([...sorted.slice(0, MAX_KEYS), ...(others > 0 ? [["(others)", others] as const] : [])]);
}

/** The sum of a number in each item; texts that are numbers count, anything else is zero. */
export const sum = <Item>(items: readonly Item[], pick: (item: Item) => unknown): number =>
  items.reduce((total, item) => total + finite(pick(item)), 0);

const finite = (value: unknown) => {
  const number = typeof value === "string" && value.trim() === "" ? 0 : Number(value ?? 0);
  return Number.isFinite(number) ? number : 0;
};
