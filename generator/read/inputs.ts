import { z } from "zod";
import { closed, constant, key, line, reference, text } from "./pieces.ts";

const inputTypes = [
  "string",
  "integer",
  "number",
  "boolean",
  "date",
  "datetime",
  "object",
  "string[]",
  "integer[]",
  "number[]",
  "object[]",
] as const;

export const input = closed({
  from: key(
    text.optional(),
    "`operation.parameter`, or `operation.field.of.its.body`: takes type and text from there.",
    "listTickets.status",
    "this, `type`, `enum` or `label` is required",
  ),
  label: key(
    text.optional(),
    "The assistant gives a name of these [labels](#labels), in any case; `$x` is the id. Another name answers up to twenty there are. With `type: string[]` several.",
    "ticketStatus",
  ),
  with: key(z.record(z.string(), reference).optional(), "What the label's own arguments are.", {
    board: "$ticket.board.id",
  }),
  type: key(z.enum(inputTypes).optional(), "What is given.", "integer", "that of `from`"),
  about: key(
    line.optional(),
    "What to give, and where ids come from.",
    "From acme_list_tickets.",
    "the description's text; required without",
  ),
  enum: key(
    z.union([z.array(z.string()).min(1), z.record(z.string(), z.union([z.string(), z.number()]))]).optional(),
    "The values allowed, of a list with `type: string[]`; as a map, names for the vendor's codes: the assistant gives the name, `$x` in `with` and `where` is the code.",
    { computer: 1, group: 7 },
    "any",
  ),
  min: key(
    z.number().optional(),
    "Least length of a text, size of an array, value of a number.",
    1,
    "none; a number needs it, but for ids",
  ),
  max: key(z.number().optional(), "The most.", 5000, "text 200, arrays 50; a number needs it, but for ids"),
  default: key(z.union([constant, z.array(constant)]).optional(), "Taken when not given.", "open"),
  optional: key(
    z.boolean().optional(),
    "Need not be given.",
    true,
    "`true` for an optional parameter in `from`, else `false`",
  ),
  secret: key(z.boolean().optional(), "Kept out of logs, and may not be in the output.", true, "false"),
  pattern: key(z.string().optional(), "Regular expression for a text.", "^[A-Z]{2}$"),
  values: key(
    z.enum(["string", "any"]).optional(),
    "Of an `object` without `fields`: texts, or any JSON.",
    "any",
    "string",
  ),
  get fields(): z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodType>> {
    return key(
      z.record(z.string(), inputOrFrom).optional(),
      "The inputs inside an `object` or `object[]`.",
      { title: { type: "string", about: "Title." } },
      "names and texts of any kind",
    );
  },
});

export const inputOrFrom: z.ZodType = z.union([z.string(), z.lazy(() => input)]);

export type InputYaml = Omit<z.infer<typeof input>, "fields"> & { fields?: Record<string, string | InputYaml> };
