const MAX_KEYS = 50;

/** How many items have each value, most frequent first; beyond fifty values the rest is summed under `(others)`. */
export function countBy<Item>(items: readonly Item[], pick: (item: Item) => unknown): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = String(pick(item) ?? "(none)").slice(0, 100);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const others = sorted.slice(MAX_KEYS).reduce((sum, [, count]) => sum + count, 0);
  return Object.fromEntries([...sorted.slice(0, MAX_KEYS), ...(others > 0 ? [["(others)", others] as const] : [])]);
}

/** The sum of a number in each item; texts that are numbers count, anything else is zero. */
export const sumOf = <Item>(items: readonly Item[], pick: (item: Item) => unknown): number =>
  items.reduce((sum, item) => sum + (Number(pick(item)) || 0), 0);
