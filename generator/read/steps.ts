import { z } from "zod";
import { conditions } from "./conditions.ts";
import { closed, constant, duration, key, line, reference, text } from "./pieces.ts";

/** What `with` may give besides references and constants. */
export const values = {
  merge: closed({
    merge: key(
      z.array(reference).min(2),
      "Later values over the first, for a vendor that deletes what an update leaves out.",
      ["$before.traits", "$traits"],
    ),
    ids: key(
      text.optional(),
      "With `merge`: the key under which the first has lists of `{ id }`, which are written as lists of ids.",
      "values",
    ),
  }),
  first: closed({
    first: key(z.array(constant).min(2), "The first of these that is there.", ["$text", "$alert.message", "-"]),
  }),
  not: closed({ not: key(reference, "False where the flag is true, and the other way round.", "$internal") }),
  utc: closed({ utc: key(reference, "A moment in UTC without its Z, for a vendor that writes times so.", "$at") }),
  midnight: closed({
    midnight: key(
      reference,
      "The moment at which that day begins in UTC, for a vendor that wants moments where it means days.",
      "$date",
    ),
  }),
};

export const value = z.union([constant, values.merge, values.first, values.not, values.utc, values.midnight]);
export type ValueYaml = z.infer<typeof value>;

/** An operation's name; or a choice, `{ choose: { input: operation, else: operation } }` or `{ by: $value, value: operation }`. */
export type ChoiceYaml = string | { choose: Record<string, ChoiceYaml> } | ({ by: string } & Record<string, unknown>);

export const choices = {
  choose: closed({
    choose: key(
      z.record(
        z.string(),
        z.lazy((): z.ZodType<ChoiceYaml> => choice),
      ),
      "By which input is given; one must be, unless there is `else`.",
      { deviceUid: "getDevice", macAddress: "getDeviceByMac" },
    ),
  }),
  by: z
    .object({
      by: key(
        reference,
        "By a value, the other keys being values; one of a step needs `else`. `none` asks nothing.",
        "$state",
      ),
    })
    .catchall(z.lazy((): z.ZodType<ChoiceYaml> => choice)),
};

export const choice: z.ZodType<ChoiceYaml> = z.lazy(() =>
  z.union([
    z.string(),
    choices.choose,
    choices.by as unknown as z.ZodType<{ by: string } & Record<string, unknown>>, // the catchall hides `by`
  ]),
);

const kind = (answers: string, example: string) =>
  key(choice.optional(), answers, example, "one of the five is required");

export const step = closed({
  get: kind("An operation that answers one thing.", "getTicket"),
  list: kind("An operation that answers items.", "listTickets"),
  send: kind("An operation that makes a change.", "createTicket"),
  poll: kind("An operation that is asked until something is so.", "getJob"),
  lookup: kind(
    "An operation that lists items, of which the one with a name is wanted; none or several end the call and name up to five candidates.",
    "searchCompanies",
  ),
  with: key(
    z.record(z.string(), value).optional(),
    "Parameter, or path into the body: reference, constant or [value](#values). What the chosen operation lacks is left out. `body: $x` is the whole body.",
    { ticketId: "$ticketId", "details.title": "$title" },
  ),
  where: key(
    conditions.optional(),
    "What the vendor is asked for, field: [condition](#conditions), where it has [filters](#filters). Of a `lookup` the first field is the name looked for, and the only one where the vendor has no filters.",
    { companyID: "$companyId", title: { contains: "$text" } },
    "everything; required for `lookup`",
  ),
  keep: key(
    conditions.optional(),
    '`list`, `get`, `poll`: our own filter, path: [condition](#conditions). What `get` or `poll` answers and does not meet it is "not found".',
    { name: { contains: "$name" } },
    "all",
  ),
  when: key(
    z.union([reference, conditions]).optional(),
    "Only when this is true, or there at all; or [conditions](#conditions) of which all hold.",
    { "$device.class": "printer" },
    "always",
  ),
  optional: key(
    z.union([z.boolean(), z.literal("missing")]).optional(),
    "`get`, `list`: a failed read leaves the step empty; with `missing`, only one that finds nothing, and any other failure ends the call.",
    true,
    "false",
  ),
  limit: key(
    z.union([z.int().min(1).max(1000), reference]).optional(),
    "`list`: most items; with `each`, most rows in all.",
    20,
    "the tool's `limit`, when paged by itself; 100 with `each`",
  ),
  scanPages: key(
    z.int().min(1).max(100).optional(),
    "`list`: most pages that are read for `keep`.",
    5,
    "10 with `keep`",
  ),
  each: key(
    reference.optional(),
    "`get`, `list`, `send`: once for each item of a list step, of a field of them, or of an array input.",
    "$devices",
    "once",
  ),
  atMost: key(
    z.union([z.int().min(1).max(500), reference]).optional(),
    "Most calls that `each` makes.",
    40,
    "required with `each`",
  ),
  until: key(
    z.record(z.string(), z.union([constant, z.array(constant)])).optional(),
    "`poll`: path: value or list of values.",
    { status: ["completed", "failed"] },
    "required for `poll`",
  ),
  every: key(duration.optional(), "`poll`: pause between two questions.", "2s", "5s"),
  within: key(
    z.union([duration, reference]).optional(),
    "`poll`: how long at most; a reference counts seconds.",
    "$waitSeconds",
    "60s",
  ),
  label: key(text.optional(), "`lookup`: the field that names candidates.", "name", "the first field of `where`"),
  id: key(text.optional(), "`lookup`: digits are an id, and are compared with this field.", "id"),
  what: key(line.max(60).optional(), "`lookup`: what is looked for, in messages.", "ticket type", "the step's name"),
});
