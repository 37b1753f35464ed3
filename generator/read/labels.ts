import { z } from "zod";
import { closed, constant, key, reference, text } from "./pieces.ts";

/** The vendor's own names for its ids: where they are listed, and which fields are id and name there. */
export const label = closed({
  from: key(text, "The operation that answers them.", "getTicketFields"),
  with: key(
    z.record(z.string(), z.union([constant, reference])).optional(),
    "What it is given. `$name` is an argument of the label's own, for whoever uses it to fill in.",
    { boardId: "$board" },
  ),
  items: key(text.optional(), "Path of the list in the answer.", "fields", "the operation's `items`"),
  keep: key(
    z.record(z.string(), constant).optional(),
    "Which of these count: field: value.",
    { name: "status" },
    "all",
  ),
  values: key(text.optional(), "Path of a list inside each of them, which has the labels.", "picklistValues"),
  id: key(text, "Field of the id.", "value"),
  label: key(z.union([text, z.array(text).min(1)]), "Field of the name; several are joined by a space.", "label"),
});
