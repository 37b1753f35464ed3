import type { More, RECUT } from "./take.ts";
import { shorten } from "./text.ts";

type Result = Record<string, unknown>;

/** Texts are cut no shorter than this, step by step, until the result fits. */
const TEXT_STEPS = [10_000, 4000, 1000, 300];

/**
 * A result whose JSON has at most `cap` characters. Whole items go first, from the end of the tool's lists, because the cursor
 * brings them back; then long texts are cut, with a mark; then inner lists. JSON itself is never cut.
 * @returns undefined when it cannot be made to fit
 */
export function fitTo(
  cap: number,
  result: Result,
  lists: readonly string[],
  recut?: More[typeof RECUT],
): Result | undefined {
  if (sizeOf(result) <= cap) return result;
  let shorter = dropItems(cap, result, lists, recut);
  for (const max of TEXT_STEPS) {
    if (sizeOf(shorter) <= cap) return shorter;
    shorter = cutTexts(shorter, max) as Result; // an object stays an object
  }
  for (const length of [20, 5, 1, 0]) {
    if (sizeOf(shorter) <= cap) return shorter;
    shorter = marked(cutInnerLists(shorter, length, lists) as Result);
  }
  return sizeOf(shorter) <= cap ? shorter : undefined;
}

const sizeOf = (value: unknown) => JSON.stringify(value).length;

/** Takes items from the end of the longest list until the rest fits; the last item of a list stays, to be cut by its texts. */
function dropItems(cap: number, result: Result, lists: readonly string[], recut?: More[typeof RECUT]): Result {
  const kept = new Map<string, number[]>(); // sizes of the items that are kept
  for (const name of lists)
    if (Array.isArray(result[name]))
      kept.set(
        name,
        (result[name] as unknown[]).map((item) => sizeOf(item) + 1),
      );
  let excess = sizeOf(result) + 100 - cap; // room for a cursor
  while (excess > 0) {
    const [longest] = [...kept.values()].filter((sizes) => sizes.length > 1).sort((a, b) => sum(b) - sum(a));
    if (!longest) break;
    excess -= longest.pop() ?? 0;
  }
  const shortened = [...kept].filter(([name, sizes]) => sizes.length < (result[name] as unknown[]).length);
  if (shortened.length === 0) return result;
  const cut = Object.fromEntries(
    shortened.map(([name, sizes]) => [name, (result[name] as unknown[]).slice(0, sizes.length)]),
  );
  const [only] = shortened;
  const more = recut && lists.length === 1 && only ? recut(only[1].length) : { truncated: true };
  return { ...result, ...cut, ...more };
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

function cutTexts(value: unknown, max: number): unknown {
  if (typeof value === "string") return shorten(value, max);
  return mapParts(value, (part) => cutTexts(part, max));
}

function cutInnerLists(value: unknown, length: number, except: readonly string[]): unknown {
  if (Array.isArray(value)) return value.slice(0, length).map((part) => cutInnerLists(part, length, []));
  return mapParts(value, (part, key) =>
    except.includes(key) && Array.isArray(part)
      ? part.map((item) => cutInnerLists(item, length, []))
      : cutInnerLists(part, length, []),
  );
}

function mapParts(value: unknown, change: (part: unknown, key: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => change(part, ""));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, change(part, key)]));
}

const marked = (result: Result): Result => ("truncated" in result ? { ...result, truncated: true } : result);
