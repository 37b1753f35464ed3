import { z } from "zod";
import { closed, constant, identifier, key, line, text } from "./pieces.ts";

const paths = z.union([text, z.array(text).min(1)]);

/** A reason, and the operations or tools of one line that it is for. */
const reasons = z.record(line, z.array(identifier).min(1));

/**
 * How a vendor names the client companies of an MSP. Most operations are understood by the names of their parameters and fields; what
 * is not understood must be said.
 */
export const customer = closed({
  title: key(line.max(40).optional(), "What the vendor calls a customer.", "Site", "required, unless `none`"),
  list: key(identifier.optional(), "The operation that lists them.", "listSites", "required, unless `none`"),
  with: key(z.record(text, constant).optional(), "What it is asked with.", { archived: false }, "nothing"),
  id: key(text.optional(), "Path of the id in a row of it.", "uid", "`id`"),
  name: key(text.optional(), "Path of the name in a row of it.", "name", "`name`"),
  arguments: key(
    z.array(text).optional(),
    "Parameters and body fields, dotted, that name a customer by its id, in whichever operation they are.",
    ["siteUid", "site.id"],
  ),
  fields: key(
    z.array(text).optional(),
    "Paths in a row or an answer that name its customer; the first that an operation's rows have counts.",
    ["siteUid", "source.siteUid"],
  ),
  through: key(
    z.record(text, identifier).optional(),
    "Parameters and body fields that lead to a customer, and the operation that is read with them first: what it answers says whose it is.",
    { deviceUid: "getDevice" },
  ),
  shared: key(
    reasons.optional(),
    "Why something is nobody's in particular, and the operations or `extended` tools that it holds for.",
    { "A catalogue of the account.": ["listComponents"] },
  ),
  refused: key(
    reasons.optional(),
    "Why something cannot be bounded, and for what that holds. It is refused to people who are limited to some customers.",
    { "Its rows name no site.": ["listActivity"] },
  ),
  otherwise: key(
    line.optional(),
    "Why tools of `extended` are refused of which nothing is found.",
    "Nobody has looked at how it names the site.",
    "each of them is a problem",
  ),
  none: key(
    line.optional(),
    "Instead of all this but `shared`: why the vendor knows no customers. Everything else is refused to limited people.",
    "An account is one company's own.",
  ),
});

const lead = z.union([
  identifier,
  closed({
    get: key(identifier, "The operation.", "getDevice"),
    with: key(z.record(text, text), "Its parameters, and the parameters and body fields here that fill them.", {
      deviceUid: "uid",
    }),
  }),
]);

/** What one operation says of itself; each part stands in for what would be found. */
export const operationCustomer = closed({
  argument: key(
    paths.optional(),
    "The parameter or body field, or several, that name the customer; with `through` they decide alone.",
    "owner.siteId",
  ),
  field: key(
    paths.optional(),
    "The path in a row or the answer, or several: each that is there counts.",
    "owner.siteId",
  ),
  through: key(
    z.union([lead, z.array(lead).min(1)]).optional(),
    "The operation that is read first, by itself with the parameters and body fields of the same name, or several; of a list every item must be the customer's.",
    "getDevice",
  ),
});
