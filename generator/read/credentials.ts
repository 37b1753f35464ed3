import { z } from "zod";
import { closed, key, line } from "./pieces.ts";

export const credential = closed({
  title: key(line.max(60), "Label of the field.", "API key"),
  about: key(line.optional(), "One line below the label.", "Shown once, when it is made."),
  secret: key(z.boolean().optional(), "Hides it while it is typed, and never shows it again.", true, "false"),
  optional: key(z.boolean().optional(), "May stay empty.", true, "false"),
  enum: key(
    z.union([z.array(z.string()).min(1), z.record(z.string(), z.string())]).optional(),
    "The values to choose from, or value: label.",
    { us: "United States", eu: "Europe" },
    "free text",
  ),
  default: key(z.string().optional(), "The value chosen at first; not for a secret.", "us"),
  pattern: key(z.string().optional(), "Regular expression from `^` to `$`.", "^[a-z0-9-]{1,40}$"),
  match: key(
    z.string().optional(),
    "Regular expression from `^`, in any case: of what is typed, its one group is kept, so that people may paste an address. It must match what it keeps.",
    "^(?:https?://)?([a-z0-9-]+)(?:\\.acme\\.example.*)?$",
  ),
  kind: key(
    z.enum(["text", "host"]).optional(),
    "`host`: a server that the person names, as a name or an address; kept in lower case, public names only. `enum` lists the usual ones, and others may be typed.",
    "host",
    "text",
  ),
});

/** `help` and `rights` stand among the fields; every other key is a field. */
export const credentials = z
  .object({
    help: key(z.url(), "Address of the vendor's page about its keys.", "https://acme.example/help/api"),
    rights: key(
      line.optional(),
      "How few rights are enough. A vendor that ships here needs it.",
      "A read-only key is enough.",
    ),
  })
  .catchall(credential);
