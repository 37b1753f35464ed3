/** Some clients take at most so many tools, and drop the rest or the whole server. */
export const MOST_TOOLS = 255;

/**
 * Of tools that may all be shown, those that there is room for: first the core, then extended ones in their order. Without
 * a bound there is room for all.
 */
export function roomFor<Entry>(
  entries: readonly Entry[],
  isExtended: (entry: Entry) => boolean,
  most: number | undefined,
): readonly Entry[] {
  if (most === undefined || entries.length <= most) return entries;
  let left = most - entries.filter((entry) => !isExtended(entry)).length;
  return entries.filter((entry) => !isExtended(entry) || left-- > 0);
}
