import { z } from "zod";
import { operators } from "../model/filter.ts";
import { closed, constant, text } from "./pieces.ts";

/** How a vendor is told which items are wanted. Every key is optional here, because an operation may override one of them. */
export const filters = closed({
  style: z.enum(["conditions", "tree", "rule"]).optional(),
  param: text.optional(),
  quote: z.enum(["double", "single", "either"]).optional(),
  escape: z.enum(["refuse", "other", "backslash", "double"]).optional(),
  date: z.enum(["brackets", "quoted", "none"]).optional(),
  zone: z.literal("none").optional(),
  nest: z.string().min(1).max(3).optional(),
  child: text.optional(),
  of: text.optional(),
  ops: z.partialRecord(z.enum(operators), text).optional(),
  none: closed({ op: text, field: text, value: constant }).optional(),
});
