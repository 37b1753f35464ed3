import { z } from "zod";
import { DATA_CLASSES } from "../../runtime/data-class.ts";
import { closed, key } from "./pieces.ts";

/** What kinds of data an organisation may hide from a model. */
export const dataClass = z.enum(DATA_CLASSES);

const names = z
  .array(z.string().regex(/^[a-z]\w*(\.[a-z]\w*)*$/, "expected a name such as lastUser, or users.name"))
  .min(1)
  .optional();

/** Names in outputs, whose values are of a class at any depth; names that say it themselves need no mention. */
export const classes = closed({
  secret: key(
    names,
    "Hidden until the organisation allows secrets to be revealed; of a tool with `access: reveal` what it is for.",
    ["recoveryKey"],
    "of such a tool what looks like a secret",
  ),
  personal: key(
    names,
    "About a person.",
    ["assignedTo", "logins.name"],
    "names, addresses, numbers and users by the usual words",
  ),
  financial: key(names, "About money.", ["netWorth"], "prices, costs, amounts and bank data by the usual words"),
  health: key(names, "About somebody's health.", ["absenceReason"], "diagnoses and the like by the usual words"),
  none: key(names, "Of no class, whatever the name sounds like.", ["contact"]),
});
