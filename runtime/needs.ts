import { ToolError } from "./errors.ts";
import { at } from "./paths.ts";
import { isTakenOut } from "./rows.ts";

/** An argument that only this way of calling needs. @throws ToolError INVALID_INPUT when it was not given */
export function needed<T>(value: T | null | undefined, name: string): T {
  if (value !== null && value !== undefined) return value;
  throw new ToolError("INVALID_INPUT", `${name} is needed here.`, {
    fields: [{ field: name, message: "is needed here" }],
  });
}

/** A field of a vendor's answer that the next step depends on. @throws ToolError VENDOR_UNEXPECTED when it is not there */
export function expected<T>(value: T | null | undefined, path: string): T {
  if (value !== null && value !== undefined) return value;
  throw new ToolError("VENDOR_UNEXPECTED", `The vendor's answer has no ${path}, which this tool needs.`);
}

/** The first of an answer that is a list; holes in it are nothing. @throws ToolError VENDOR_NOT_FOUND when it is empty */
export function one<T>(items: readonly T[] | null | undefined): T {
  const first = listed(items)?.[0];
  // What is left of a row for paging, where the row itself is another customer's, is nothing here.
  if (first !== null && first !== undefined && !isTakenOut(first)) return first;
  throw new ToolError("VENDOR_NOT_FOUND", "The vendor has nothing under this id, number or name.");
}

/** The one thing of an answer that has a place for it. @throws ToolError VENDOR_NOT_FOUND when that is empty */
export function found<T>(item: T | null | undefined): T {
  if (item !== null && item !== undefined) return item;
  throw new ToolError("VENDOR_NOT_FOUND", "The vendor has nothing under this id, number or name.");
}

/**
 * The list that stands here, without the holes in it: what tools go through, whatever the vendor answered instead.
 * @returns undefined when it is none
 */
export const listed = <T>(list: readonly T[] | null | undefined): NonNullable<T>[] | undefined =>
  Array.isArray(list) ? list.filter((item) => item !== null && item !== undefined) : undefined;

/** What was saved, from an answer that is now the thing itself, now a list with it; an object without fields when it is neither. */
export const single = <T>(answer: T | readonly T[] | null | undefined): T =>
  ((Array.isArray(answer) ? answer[0] : answer) as T | null | undefined) ?? ({} as T); // as `body`: vendors answer changes with nothing

/**
 * The list of an answer that has it now here, now there: at the first of these dotted paths that holds one. `.` is the answer itself.
 * @returns undefined when none does, null when the vendor says null there
 */
export function listIn<Item>(answer: unknown, ...paths: readonly string[]): readonly Item[] | null | undefined {
  const values = paths.map((path) => (path === "." ? answer : at(answer, path)));
  const list = values.find((value) => Array.isArray(value)) as readonly Item[] | undefined; // as the vendor describes it
  return list ?? (values.includes(null) ? null : undefined);
}

/** Where none of these arguments was given. @throws ToolError INVALID_INPUT, always */
export function needOneOf(...names: readonly string[]): never {
  if (names.length === 1) return needed<never>(undefined, names[0]!);
  throw new ToolError("INVALID_INPUT", `Give one of ${names.join(", ")}.`, {
    fields: names.map((field) => ({ field, message: "or another of these is needed" })),
  });
}

/** The other way round; what was not given stays so. */
export const negated = (flag: boolean | null | undefined): boolean | undefined =>
  flag === null || flag === undefined ? undefined : !flag;
