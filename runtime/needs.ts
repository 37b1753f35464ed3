import { ToolError } from "./errors.ts";

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

/** The first of an answer that is a list. @throws ToolError VENDOR_NOT_FOUND when it is empty */
export function one<T>(items: readonly T[] | null | undefined): T {
  const first = Array.isArray(items) ? (items[0] as T | null | undefined) : undefined;
  if (first !== null && first !== undefined) return first;
  throw new ToolError("VENDOR_NOT_FOUND", "The vendor found nothing under this id.");
}

/** What to throw when none of several arguments was given. */
export const oneOf = (...names: readonly string[]): ToolError =>
  new ToolError("INVALID_INPUT", `Give one of ${names.join(", ")}.`, {
    fields: names.map((field) => ({ field, message: "or another of these is needed" })),
  });
