import { z } from "zod";
import { conditions } from "./conditions.ts";
import { closed, key, line, reference, text } from "./pieces.ts";

/** A field path, or an object of outputs; `$from`, leaf options, totals and the like are told apart in build/output.ts. */
export type OutputYaml =
  | string
  | boolean
  | number
  | readonly (string | OutputYaml)[]
  | { readonly [key: string]: OutputYaml };

export const output: z.ZodType<OutputYaml> = z.lazy(() =>
  z.union([z.string(), z.boolean(), z.number(), z.array(output), z.record(z.string(), output)]),
);

/** The options of a value. The reference prints them, and a map of nothing else is one value. */
export const leafOptions = closed({
  value: key(
    z.union([text, z.array(text).min(2)]),
    "Its path; of several the first that is there, numbers beside texts becoming text.",
    "requester.name",
  ),
  about: key(line.optional(), "For the assistant.", "In bytes."),
  time: key(
    z.enum(["ms", "s", "utc"]).optional(),
    "Since 1970, as an ISO 8601 time; `utc`: a time without an offset that is UTC gets its Z.",
    "ms",
    "as it is",
  ),
  text: key(z.literal("html").optional(), "As plain text.", "html", "as it is"),
  age: key(z.literal("days").optional(), "How many since that time.", "days", "as it is"),
  label: key(
    text.optional(),
    "What the vendor calls this id, of these [labels](#labels); the id when it has no name.",
    "ticketStatus",
  ),
  with: key(z.record(z.string(), reference).optional(), "What the label's own arguments are, of inputs and steps.", {
    board: "$ticket.board.id",
  }),
  without: key(
    reference.optional(),
    "Names left out of an open object, as a list step found them.",
    "$secretFields.key",
  ),
});

/** Where the fields of an object or array are read from. */
export const sources = closed({
  $from: key(
    text,
    "Another place than the step of this name: an object, or for `name[]` a list.",
    "$ticket.notes",
    "the step of this name",
  ),
  $keep: key(conditions.optional(), "Of `name[]`: only the items that meet the [conditions](#conditions).", {
    online: false,
  }),
  $last: key(
    z.int().min(1).optional(),
    "Of `name[]`: only the last so many, the last one first, for vendors that list the oldest first.",
    20,
  ),
});

/** Figures about a list step. */
export const figures = closed({
  count: key(text, "How many items this step has.", "tickets"),
  sum: key(text, "Of which field to sum the values.", "hours"),
  of: key(text, "Of which step.", "entries", "with `sum`"),
  total: key(text, "The vendor's own count of this step, `pages.total`.", "tickets"),
  by: key(
    z.union([z.array(text), z.record(z.string(), text)]).optional(),
    "With `count` or `sum`: the same for each value of these fields; a map names the groups.",
    ["status", "requester.name"],
  ),
});
