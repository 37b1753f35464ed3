import { z } from "zod";
import { closed, key, text } from "./pieces.ts";

/** What a vendor allows, how its lists go on, and how it says what went wrong. */

const rate = z.string().regex(/^\d+\/\d+s$/, "expected a rate such as 600/60s");

export const limits = closed({
  reads: key(rate.optional(), "Reads in so many seconds.", "600/60s", "no limit of ours"),
  writes: key(rate.optional(), "Changes in so many seconds.", "100/60s", "no limit of ours"),
  all: key(rate.optional(), "Both together.", "3000/300s", "no limit of ours"),
  concurrency: key(z.int().min(1).max(100).optional(), "Requests at the same time.", 4, "no limit of ours"),
  concurrencyBy: key(
    z.enum(["entity"]).optional(),
    "`concurrency` holds for each kind of thing apart, which is the first segment of the path that is no version (`/v1/tickets/query`: tickets).",
    "entity",
    "all together",
  ),
  by: key(
    z.enum(["account", "address", "database"]).optional(),
    "Who counts together: each connection for itself, all of this gateway, or all connections to one database.",
    "address",
    "account",
  ),
  database: key(
    text.optional(),
    "For `by: database`: what tells one from another.",
    "{discovered.company}",
    "`baseUrl`",
  ),
});

const size = closed({
  name: key(text, "Parameter of the page size.", "per_page"),
  value: key(z.int().min(1), "The size we ask for.", 100),
});

/** Every key is optional here, because an operation may override one of them. */
export const pages = closed({
  style: key(
    z.enum(["number", "offset", "cursor", "nextUrl", "idCursor", "searchAfter"]).optional(),
    "By number; by how many items to leave out; by a cursor that the answer names; by a link to the next page in the answer; or going on after a field of the last item.",
    "number",
    "number",
  ),
  first: key(
    z.union([z.literal(0), z.literal(1)]).optional(),
    "The number of the first page, or of the first item for `offset`.",
    0,
    "1; `offset`: 0",
  ),
  page: key(
    text.optional(),
    "Parameter of the page number, the offset or the cursor; not for `nextUrl`.",
    "page",
    "required, but for `nextUrl`",
  ),
  size: key(size.optional(), "How large pages are.", { name: "per_page", value: 100 }, "the vendor's own size"),
  more: key(
    z
      .union([
        z.string(),
        closed({
          less: key(z.tuple([text, text]), "The first path's number is less than the second's.", ["page", "pages"]),
        }),
      ])
      .optional(),
    "There are more pages when this path of the body has a value; or `fullPage`: when the page was full; or `link`: when the header `Link` has a next one.",
    "meta.next",
    "required for `number`, `cursor` and `nextUrl`; `offset` goes by `total` or `size`",
  ),
  total: key(text.optional(), "Path of the vendor's own count.", "meta.total"),
  field: key(
    text.optional(),
    "The field of the last item that continues.",
    "id",
    "required for `idCursor` and `searchAfter`",
  ),
});

export const select = closed({
  param: key(text, "The query parameter.", "fields"),
  nest: key(z.string().min(1).max(3).optional(), "Between the parts of a path.", "/", "`.`"),
  join: key(z.string().min(1).max(3).optional(), "Between fields.", ",", "`,`"),
});

export const refusal = z.union([
  text,
  z.array(text).min(1),
  closed({
    path: key(z.union([text, z.array(text).min(1)]), "The path, or several.", "errors.*"),
    under: key(
      z
        .array(z.union([z.literal(200), z.int().min(400).max(599)]))
        .min(1)
        .optional(),
      "Further statuses, where words make a 5xx a refusal and a 200 no success.",
      [200, 500],
    ),
  }),
]);

export const errors = closed({
  code: key(text.optional(), "Path of the code in the body; `*` is every item.", "errors.*.code"),
  means: key(
    z.record(z.string(), z.int().min(400).max(599)),
    "Codes, and odd statuses, by the status that they should have been.",
    { forbidden: 403, rate_limit_exceeded: 429 },
  ),
});
