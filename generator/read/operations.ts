import { z } from "zod";
import { operationCustomer } from "./customers.ts";
import { filters } from "./filters.ts";
import { closed, constant, key, line, text } from "./pieces.ts";
import { pages } from "./reach.ts";

export const operationLine = z
  .string()
  .regex(
    /^(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE) \/\S*|(?:query|mutation) \w+)$/,
    "expected METHOD /path, query x or mutation x",
  );

export const operation = closed({
  do: key(operationLine, "`METHOD /path`; of a GraphQL API `query name` or `mutation name`.", "GET /tickets"),
  about: key(line.optional(), "For the client's docstring.", "Tickets of the account.", "the description's own words"),
  items: key(
    z.union([text, z.array(text).min(2)]).optional(),
    "Path of the array in the body; `.` when the body is the array. Needed for `list` and `lookup`. Several paths when the vendor answers now so, now so: the first that holds an array counts.",
    "data.tickets",
  ),
  item: key(
    text.optional(),
    'Path of the one thing in the body; nothing there is "not found". For `get` and `send`.',
    "ticket",
    "the body",
  ),
  first: key(
    z.boolean().optional(),
    'The body, or `items`, is an array of which the first counts; none is "not found". For `get`, and for a `send` that answers what it saved as it is or in an array.',
    true,
    "false",
  ),
  params: key(
    z.record(z.string(), z.string()).optional(),
    "Short names for parameters.",
    { status: "filter[status]" },
    "the description's names",
  ),
  always: key(z.record(z.string(), constant).optional(), "Constant query or path values.", { archived: false }),
  join: key(
    z.record(z.string(), z.string()).optional(),
    "Arrays sent as one text with this between.",
    { ids: "," },
    "the description's style",
  ),
  body: key(
    z
      .union([
        z.enum(["json", "array", "jsonPatch", "value"]),
        closed({ jsonapi: key(text, "JSON:API of this type: `with` names attributes.", "tickets") }),
        closed({ jsonPatch: key(text, "JSON Patch with this in front of each path.", "/") }),
      ])
      .optional(),
    "`array`: the object wrapped in an array; `jsonPatch`: the fields given become replacements, and none is refused; `value`: a bare value, `with: { body: $x }`.",
    "array",
    "json",
  ),
  needs: key(
    z.array(text).optional(),
    "Body fields that must be given, whatever the description says.",
    ["id"],
    "what the description requires",
  ),
  without: key(z.array(text).optional(), "Body fields that must not be given.", ["id"]),
  pages: key(
    z.union([z.literal("none"), pages]).optional(),
    "Changes to the vendor's [`pages`](#pages). Another `style` begins from nothing.",
    { size: { name: "max", value: 50 } },
    "the vendor's",
  ),
  filters: key(
    z.union([z.literal("none"), filters]).optional(),
    "Changes to the vendor's [`filters`](#filters). Another `style` begins from nothing.",
    { of: "searchTickets" },
    "the vendor's",
  ),
  select: key(z.literal("none").optional(), "This operation is asked for everything.", "none", "the vendor's"),
  customer: key(
    operationCustomer.optional(),
    "How it names the customer, where that is not found by itself; [below](#customers).",
    { field: "owner.siteId" },
    "found by the vendor's `customer`",
  ),
  cache: key(
    z.union([z.literal(true), z.number().int().min(1).max(86_400)]).optional(),
    "Its answers may be some minutes old: a tool that only reads, and only such operations, is answered from the cache of results. `true` for as long as the operator's `CACHE_TTL_SECONDS`, a number for at most so many seconds. For what seldom changes, never for states of devices, alerts or tickets.",
    true,
    "asked each time",
  ),
  reads: key(z.boolean().optional(), "A POST that changes nothing.", true, "false"),
  unverified: key(z.boolean().optional(), "The route is not in the vendor's own reference.", true, "false"),
});
