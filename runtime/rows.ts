import type { Rows } from "./customers.ts";
import { at } from "./paths.ts";

/** Marks what paging still reads of a row that was taken out. */
const TAKEN_OUT = Symbol("taken out");

interface Cut {
  /** The answer; undefined when it was one thing and that is outside. */
  readonly left: unknown;
  readonly dropped: number;
  readonly kept: number;
}

/**
 * Takes the rows that are not inside out of an answer, in place. A list keeps its length, because offsets and full pages are
 * counted with it: a row leaves a hole, or what the next page is asked for with.
 */
export function cutRows(
  answer: unknown,
  { in: places, total, last }: Rows,
  { isInside, hidesTotal }: { isInside: (row: unknown) => boolean; hidesTotal: boolean },
): Cut {
  let dropped = 0;
  let kept = 0;
  for (const found of listsIn(answer, places)) {
    if (!Array.isArray(found)) {
      if (!isInside(found)) return { left: undefined, dropped: dropped + 1, kept };
      kept++;
      continue;
    }
    for (const [index, row] of found.entries()) {
      if (!isThere(row)) continue;
      if (isInside(row)) kept++;
      else {
        dropped++;
        found[index] = last !== undefined && index === found.length - 1 ? markOf(row, last.split(".")) : null;
      }
    }
  }
  if (total !== undefined && hidesTotal) hideTotal(answer, total.split("."));
  return { left: answer, dropped, kept };
}

/** All rows of an answer; one thing is a row too. */
export const rowsIn = (answer: unknown, { in: places }: Rows): unknown[] =>
  listsIn(answer, places).flat().filter(isThere);

/** Where one of several places has the list, the others may hold anything; where none has, what is there counts as a row. */
function listsIn(answer: unknown, places: readonly string[]): unknown[] {
  const found = places.map((place) => (place === "." ? answer : at(answer, place))).filter(isThere);
  const lists = found.filter(Array.isArray);
  return places.length > 1 && lists.length > 0 ? lists : found;
}

const isThere = (value: unknown) => value !== null && value !== undefined;

/** Whether it stands for a row that was taken out. */
export const isTakenOut = (item: unknown): boolean => typeof item === "object" && item !== null && TAKEN_OUT in item;

function markOf(row: unknown, path: readonly string[]): object {
  const inside = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), at(row, path.join(".")));
  return { ...(inside as object), [TAKEN_OUT]: true }; // a path has at least one name, so it is an object
}

/** The ids at a path of a row; a list on the way has several. */
export const idsIn = (row: unknown, path: string): unknown[] => idsAt(row, path.split("."));

function idsAt(value: unknown, [key, ...rest]: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => idsAt(each, key === undefined ? [] : [key, ...rest]));
  if (key === undefined) return value === null || value === undefined || value === "" ? [] : [value];
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return [];
  return idsAt((value as Record<string, unknown>)[key], rest);
}

/** Paging may still compare with it; as a number it is gone, so that nobody is told it. */
function hideTotal(answer: unknown, path: readonly string[]): void {
  const holder = path.length === 1 ? answer : at(answer, path.slice(0, -1).join("."));
  const key = path.at(-1)!;
  if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, key)) return;
  const known = (holder as Record<string, unknown>)[key];
  (holder as Record<string, unknown>)[key] = known === null || known === undefined ? known : Object(Number(known));
}
