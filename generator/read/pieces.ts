import { z } from "zod";

/** An object with these keys only. The error carries the known keys, for a "did you mean". */
export const closed = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? `known keys: ${Object.keys(shape).join(", ")}` : undefined),
  });

/**
 * A key with what the reference and editors say of it: what it means, an example that it takes, and what holds without it,
 * where that is more than "nothing".
 */
export const key = <Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  example: z.input<Schema>,
  otherwise?: string,
): Schema =>
  schema.meta({ description, examples: [example], ...(otherwise !== undefined && { "x-default": otherwise }) });

export const text = z.string().trim().min(1);
export const line = text.max(400).regex(/^[^\n]*$/, "expected one line");
export const duration = z.string().regex(/^\d+(ms|s|m|h)$/, "expected a duration such as 5s, 2m or 100h");
export const reference = z.string().regex(/^\$[a-zA-Z]/, "expected a reference such as $device.siteUid");
export const identifier = z.string().regex(/^[a-z][a-zA-Z0-9_]*$/, "expected a name such as deviceUid");
export const constant = z.union([z.string(), z.number(), z.boolean()]);
