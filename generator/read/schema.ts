import { z } from "zod";
import { classes } from "./classes.ts";
import { type credential, credentials } from "./credentials.ts";
import { customer } from "./customers.ts";
import { extendedTools } from "./extended.ts";
import { filters } from "./filters.ts";
import { label } from "./labels.ts";
import { operation, operationLine } from "./operations.ts";
import { closed, identifier, key, line, text } from "./pieces.ts";
import { errors, limits, pages, refusal, select } from "./reach.ts";
import { auth, discover } from "./sign-in.ts";
import type { step } from "./steps.ts";
import { tool } from "./tools.ts";

/**
 * The language of vendors.yaml, one document per vendor; printed as generated/vendors.schema.json, so that editors complete it,
 * and as the tables of docs/vendors-yaml.md. What a name refers to is checked later (build/), with the vendor's description at
 * hand; here is only the shape.
 */

const slug = (example: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, `expected a slug such as ${example}`)
    .max(40);
const prefix = (example: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9]*$/, `expected a short word such as ${example}`)
    .max(12);

export const vendorYaml = closed({
  vendor: key(slug("acme-rmm"), "Slug; the connector is `/v1/<vendor>`.", "acme-rmm"),
  prefix: key(prefix("acme"), "Begins every tool's name.", "acme"),
  title: key(line.max(40), "Name as people know it.", "Acme RMM"),
  homepage: key(z.url().optional(), "Shown in the documentation.", "https://acme.example"),
  notes: key(
    z.array(line).optional(),
    "What people should know of these tools, for the documentation: what the vendor does not offer, and what nobody has tried.",
    ["The API cannot acknowledge alerts."],
  ),
  spec: key(text, "Path of the description, from the folder of this YAML file.", "specs/acme.json"),
  baseUrl: key(
    text,
    "https address before the paths; may contain `{credential}`.",
    "https://{platform}.acme.example/api",
  ),
  hosts: key(
    z.record(z.string(), z.record(z.string(), z.string())).optional(),
    "For `{region.host}` in `baseUrl`: the host of each value of a credential.",
    { region: { us: "api.acme.example", eu: "api.eu.acme.example" } },
  ),
  credentials: key(credentials, "What a person enters, [below](#credentials).", {
    apiKey: { title: "API key", secret: true },
    help: "https://acme.example/help/api",
  } as never), // the type of a field leaves no room for `help`
  auth: key(auth, "How requests are signed in, [below](#auth).", { scheme: "bearer", token: "{apiKey}" }),
  discover: key(discover.optional(), "Where the vendor says on which host an account lives, [below](#discover).", {
    url: "https://where.acme.example/zone?user={userName}",
    take: { zone: { path: "url", match: "^https://web([0-9]+)\\.acme\\.example/" } },
  }),
  verify: key(
    z.string(),
    "An operation's name or `GET /path`; called without arguments to test keys. `none` when a vendor has nothing of the kind: its keys are taken as they are.",
    "GET /me",
  ),
  limits: key(limits.optional(), "What the vendor allows, [below](#limits).", { all: "60/60s" }),
  pages: key(pages.optional(), "How lists go on, [below](#pages).", { page: "page", more: "next" }, "one page"),
  filters: key(filters.optional(), "How it is told which items are wanted, [below](#filters).", {
    style: "tree",
    param: "filter",
    ops: { is: "eq" },
  }),
  labels: key(z.record(identifier, label).optional(), "Its own names for its ids, [below](#labels).", {
    ticketStatus: { from: "listStatuses", id: "id", label: "name" },
  }),
  select: key(
    select.optional(),
    "A parameter that names the fields wanted: each read that has it asks for what tools read, and for lists and maps as a whole.",
    { param: "fields", nest: "/" },
    "everything is asked for",
  ),
  refusal: key(
    refusal.optional(),
    "Path in the body of a 400, 409 or 422 where the vendor says why; `*` is every item, and of several paths the first with words counts. It reaches the assistant quoted and cut.",
    "errors.*.detail",
  ),
  errors: key(errors.optional(), "What failures mean that come under an odd status, or under 200.", {
    code: "errors.*.code",
    means: { forbidden: 403 },
  }),
  secrets: key(z.array(text).optional(), "Field names that are secret besides those that look so.", ["apiAccessKey"]),
  accept: key(text.optional(), "`Accept` header.", "application/vnd.api+json", "application/json"),
  media: key(text.optional(), "Content type of bodies.", "application/vnd.api+json", "application/json"),
  customer: key(
    customer,
    "How it names the client companies of an MSP, so that people can be limited to some of them, [below](#customers).",
    { none: "An account is one company's own." },
  ),
  classes: key(classes.optional(), "Output names and the kind of data they hold, [below](#classes).", {
    personal: ["assignedTo"],
  }),
  operations: key(
    z.record(identifier, z.union([operationLine, operation])),
    "What is used of it, [below](#operations).",
    {
      listTickets: "GET /tickets",
    },
  ),
  tools: key(z.record(z.string(), tool), "What is made of it, [below](#tools).", {}),
  extended: key(
    extendedTools.optional(),
    "Operations that are tools by themselves, off until an organisation switches them on, [below](#extended).",
    { move_device: "POST /devices/{deviceId}/site/{siteId}" },
  ),
});

/** A set of tools across vendors, of operations of their documents. */
export const acrossYaml = closed({
  across: key(slug("msp"), "Slug of the set.", "msp"),
  prefix: key(prefix("msp"), "Begins every tool's name.", "msp"),
  title: key(line.max(40), "Name as people know it.", "Across vendors"),
  tools: key(z.record(z.string(), tool), "As a vendor's, with `vendor.operation` where a step names one.", {}),
});

export type AcrossYaml = z.infer<typeof acrossYaml>;
export type VendorYaml = z.infer<typeof vendorYaml>;
export type CredentialYaml = z.infer<typeof credential>;
export type OperationYaml = z.infer<typeof operation>;
export type PagesYaml = z.infer<typeof pages>;
export type FiltersYaml = z.infer<typeof filters>;
export type CustomerYaml = z.infer<typeof customer>;
export type LabelYaml = z.infer<typeof label>;
export type ToolYaml = z.infer<typeof tool>;
export type StepYaml = z.infer<typeof step>;
export type { ConditionYaml } from "./conditions.ts";
export type { ExtendedYaml } from "./extended.ts";
export type { InputYaml } from "./inputs.ts";
export type { OutputYaml } from "./output.ts";
export type { AuthYaml, SchemeYaml } from "./sign-in.ts";
export type { ChoiceYaml, ValueYaml } from "./steps.ts";

/** The JSON Schema that editors load through the first line of a vendors.yaml. */
export function vendorJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(vendorYaml, { io: "input", unrepresentable: "any", reused: "ref" });
}
