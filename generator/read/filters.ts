import { z } from "zod";
import { operators } from "../model/filter.ts";
import { closed, constant, key, text } from "./pieces.ts";

/** How a vendor is told which items are wanted. Every key is optional here, because an operation may override one of them. */
export const filters = closed({
  style: key(
    z.enum(["conditions", "tree", "rule"]).optional(),
    'One text, `status = "New" and closed = false`; a list of `{ op, field, value }`; or a rule, `{ attribute, operator, value }`.',
    "tree",
    "required",
  ),
  param: key(
    text.optional(),
    "Query parameter, body field or path into the body that takes it. An operation without it takes no filter.",
    "filter",
    "required",
  ),
  ops: key(
    z.partialRecord(z.enum(operators), text).optional(),
    "What the vendor calls each [condition](#conditions); `present` is `missing: false`. For `tree` and `rule` only what is named here can be asked. `conditions` has `= != < > >= <= in contains` built in; `like` writes `%text%`.",
    { is: "eq", not: "noteq", contains: "contains" },
    "required for `tree` and `rule`",
  ),
  nest: key(z.string().min(1).max(3).optional(), "Between the names of a path.", "/", "`.`"),
  of: key(
    text.optional(),
    "The operation whose items the conditions are about, for one that answers none, such as a count.",
    "searchTickets",
    "itself",
  ),
  none: key(
    closed({
      op: key(text, "Its operator.", "gte"),
      field: key(text, "Its field.", "id"),
      value: key(constant, "Its value.", 0),
    }).optional(),
    "`tree`: what to ask for when nothing is asked, for a vendor that insists on a filter.",
    { op: "gte", field: "id", value: 0 },
  ),
  quote: key(
    z.enum(["double", "single", "either"]).optional(),
    "`conditions`: what stands around a text; `either` takes the one that is not in it.",
    "single",
    "double",
  ),
  escape: key(
    z.enum(["refuse", "other", "backslash", "double"]).optional(),
    "`conditions`: what the vendor reads as a quote inside a text. `refuse`: nothing is known to be safe, so a text with a quote or a backslash is refused; `other`: the other quotes are taken for it.",
    "backslash",
    "refuse",
  ),
  date: key(
    z.enum(["brackets", "quoted", "none"]).optional(),
    "`conditions`: what stands around a moment.",
    "brackets",
    "none",
  ),
  zone: key(z.literal("none").optional(), "`rule`: moments are written without the Z of UTC.", "none", "with it"),
  child: key(
    text.optional(),
    "`conditions`: a second parameter, for conditions on items of lists inside the items.",
    "childConditions",
  ),
});
