import { z } from "zod";

/** An object with these keys only. The error carries the known keys, for a "did you mean". */
export const closed = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? `known keys: ${Object.keys(shape).join(", ")}` : undefined),
  });

export const text = z.string().trim().min(1);
export const line = text.max(400).regex(/^[^\n]*$/, "expected one line");
export const duration = z.string().regex(/^\d+(ms|s|m|h)$/, "expected a duration such as 5s, 2m or 100h");
export const constant = z.union([z.string(), z.number(), z.boolean()]);
