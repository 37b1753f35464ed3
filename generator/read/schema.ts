import { z } from "zod";
import { filters } from "./filters.ts";
import { closed, constant, duration, line, text } from "./pieces.ts";
import { auth, discover } from "./sign-in.ts";

/**
 * The language of vendors.yaml, one document per vendor. Printed as generated/vendors.schema.json, so that editors complete it.
 * What a name refers to is checked later (model/), with the vendor's description at hand; here is only the shape.
 */

const identifier = z.string().regex(/^[a-z][a-zA-Z0-9_]*$/, "expected a name such as deviceUid");
const rate = z.string().regex(/^\d+\/\d+s$/, "expected a rate such as 600/60s");
const reference = z.string().regex(/^\$[a-zA-Z]/, "expected a reference such as $device.siteUid");
const operationLine = z
  .string()
  .regex(
    /^(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE) \/\S*|(?:query|mutation) \w+)$/,
    "expected METHOD /path, query x or mutation x",
  );

const credential = closed({
  title: line.max(60),
  about: line.optional(),
  enum: z.union([z.array(z.string()).min(1), z.record(z.string(), z.string())]).optional(),
  default: z.string().optional(),
  secret: z.boolean().optional(),
  optional: z.boolean().optional(),
  pattern: z.string().optional(),
  match: z.string().optional(),
  kind: z.enum(["text", "host"]).optional(),
});

/** `help` and `rights` stand among the fields; every other key is a field. */
const credentials = z.object({ help: z.url(), rights: line.optional() }).catchall(credential).meta({
  description: "What a person enters once: fields by name, and help (where to get them) and rights (how few suffice).",
});

const limits = closed({
  reads: rate.optional(),
  writes: rate.optional(),
  all: rate.optional(),
  concurrency: z.int().min(1).max(100).optional(),
  concurrencyBy: z.enum(["entity"]).optional(),
  by: z.enum(["account", "address", "database"]).optional(),
  database: text.optional(),
});

const size = closed({ name: text, value: z.int().min(1) });

/** Every key is optional here, because an operation may override one of them. */
const pages = closed({
  style: z.enum(["number", "nextUrl", "idCursor", "searchAfter"]).optional(),
  first: z.union([z.literal(0), z.literal(1)]).optional(),
  page: text.optional().meta({ description: "Parameter or body field that carries the page number or the cursor." }),
  size: size.optional(),
  more: z
    .union([z.string(), closed({ less: z.tuple([text, text]) })])
    .optional()
    .meta({
      description:
        "There are more pages when this path of the body has a value; or fullPage; or link, the header; or less: [page, pages].",
    }),
  total: text.optional(),
  field: text.optional().meta({ description: "idCursor and searchAfter: field of the last item that continues." }),
});

const operation = closed({
  do: operationLine,
  about: line.optional(),
  items: z.union([text, z.array(text).min(2)]).optional(),
  item: text.optional(),
  first: z.boolean().optional(),
  params: z.record(z.string(), z.string()).optional(),
  always: z.record(z.string(), constant).optional(),
  join: z.record(z.string(), z.string()).optional(),
  body: z.union([z.enum(["json", "array", "jsonPatch", "value"]), closed({ jsonapi: text }), closed({ jsonPatch: text })]).optional(),
  without: z.array(text).optional(),
  needs: z.array(text).optional(),
  pages: z.union([z.literal("none"), pages]).optional(),
  filters: z.union([z.literal("none"), filters]).optional(),
  select: z.literal("none").optional(),
  reads: z.boolean().optional(),
  unverified: z.boolean().optional(),
});

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

const input = closed({
  from: text.optional(),
  label: text.optional(),
  with: z.record(z.string(), reference).optional(),
  type: z.enum(inputTypes).optional(),
  about: line.optional(),
  enum: z
    .union([z.array(z.string()).min(1), z.record(z.string(), z.union([z.string(), z.number()]))])
    .optional()
    .meta({ description: "The values allowed; as a map, names for the vendor's codes." }),
  min: z.number().optional(),
  max: z.number().optional(),
  default: z.union([constant, z.array(constant)]).optional(),
  optional: z.boolean().optional(),
  secret: z.boolean().optional(),
  pattern: z.string().optional(),
  values: z.enum(["string", "any"]).optional(),
  get fields(): z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodType>> {
    return z.record(z.string(), inputOrFrom).optional();
  },
});
const inputOrFrom: z.ZodType = z.union([z.string(), z.lazy(() => input)]);

const value = z.union([
  constant,
  closed({ merge: z.array(reference).min(2), ids: text.optional() }),
  closed({ first: z.array(constant).min(2) }),
  closed({ not: reference }),
  closed({ utc: reference }),
]);

const condition = z.union([
  constant,
  closed({
    is: constant.optional(),
    not: constant.optional(),
    contains: constant.optional(),
    in: z.union([reference, z.array(constant)]).optional(),
    missing: z.union([z.boolean(), reference]).optional(),
    olderThan: z.union([z.number(), reference]).optional(),
    within: z.union([z.number(), reference]).optional(),
    dueIn: z.union([z.number(), reference]).optional(),
    before: constant.optional(),
    after: constant.optional(),
    atLeast: z.union([z.number(), reference]).optional(),
    atMost: z.union([z.number(), reference]).optional(),
  }),
]);

/** An operation's name; or a choice, `{ choose: { input: operation, else: operation } }` or `{ by: $value, value: operation }`. */
type ChoiceYaml = string | { choose: Record<string, ChoiceYaml> } | ({ by: string } & Record<string, unknown>);
const choice: z.ZodType<ChoiceYaml> = z.lazy(() =>
  z.union([
    z.string(),
    closed({ choose: z.record(z.string(), choice) }),
    z.object({ by: reference }).catchall(choice) as unknown as z.ZodType<{ by: string } & Record<string, unknown>>,
  ]),
);

const step = closed({
  get: choice.optional(),
  list: choice.optional(),
  send: choice.optional(),
  poll: choice.optional(),
  lookup: choice.optional(),
  each: reference.optional(),
  with: z.record(z.string(), value).optional(),
  when: z.union([reference, z.record(z.string(), condition)]).optional(),
  optional: z.boolean().optional(),
  limit: z.union([z.int().min(1).max(1000), reference]).optional(),
  keep: z.record(z.string(), condition).optional(),
  scanPages: z.int().min(1).max(100).optional(),
  atMost: z.union([z.int().min(1).max(500), reference]).optional(),
  until: z.record(z.string(), z.union([constant, z.array(constant)])).optional(),
  every: duration.optional(),
  within: z.union([duration, reference]).optional(),
  where: z.record(z.string(), condition).optional(),
  label: text.optional(),
  id: text.optional(),
  what: line.max(60).optional(),
});

/** A field path, or an object of outputs; `$from`, leaf options, totals and the like are told apart in model/output.ts. */
export type OutputYaml =
  | string
  | boolean
  | number
  | readonly (string | OutputYaml)[]
  | { readonly [key: string]: OutputYaml };
const output: z.ZodType<OutputYaml> = z.lazy(() =>
  z.union([z.string(), z.boolean(), z.number(), z.array(output), z.record(z.string(), output)]),
);

/** The vendor's own names for its ids: where they are listed, and which fields are id and name there. */
const label = closed({
  from: text,
  with: z.record(z.string(), z.union([constant, reference])).optional(),
  items: text.optional(),
  where: z.record(z.string(), constant).optional(),
  values: text.optional(),
  id: text,
  label: z.union([text, z.array(text).min(1)]),
});

const areas = [
  "tickets",
  "companies",
  "contacts",
  "devices",
  "alerts",
  "patches",
  "scripts",
  "software",
  "documentation",
  "passwords",
  "time",
  "billing",
  "contracts",
  "projects",
  "scheduling",
  "knowledge",
  "network",
] as const;

const tool = closed({
  title: line.max(60),
  description: line.max(400),
  access: z.enum(["read", "write", "destroy", "reveal"]).optional(),
  idempotent: z.boolean().optional(),
  reason: line.optional(),
  input: z.record(identifier, inputOrFrom).optional(),
  steps: z.record(identifier, step),
  output: z.record(z.string(), output),
  examples: z.array(line).max(5).optional(),
  redact: z.array(text).optional(),
  onFailure: z.enum(["stop", "goOn"]).optional(),
  confirm: closed({ ask: line, when: z.union([reference, z.record(z.string(), condition)]).optional() }).optional(),
  tags: z.array(z.enum(areas)).min(1).optional(),
});

export const vendorYaml = closed({
  vendor: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "expected a slug such as acme-rmm")
    .max(40),
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9]*$/, "expected a short word such as acme")
    .max(12),
  title: line.max(40),
  homepage: z.url().optional(),
  spec: text,
  baseUrl: text,
  hosts: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  credentials,
  auth,
  discover: discover.optional(),
  verify: z.string(),
  limits: limits.optional(),
  pages: pages.optional(),
  filters: filters.optional(),
  labels: z.record(identifier, label).optional(),
  select: closed({ param: text, nest: z.string().min(1).max(3).optional(), join: z.string().min(1).max(3).optional() })
    .optional()
    .meta({
      description: "The query parameter that names the fields wanted: only those that tools read are asked for.",
    }),
  refusal: z
    .union([
      text,
      z.array(text).min(1),
      closed({
        path: z.union([text, z.array(text).min(1)]),
        under: z
          .array(z.union([z.literal(200), z.int().min(400).max(599)]))
          .min(1)
          .optional(),
      }),
    ])
    .optional(),
  errors: closed({
    code: text.optional(),
    means: z.record(z.string(), z.int().min(400).max(599)),
  })
    .optional()
    .meta({
      description:
        "Codes in an answer that came under 200, and odd statuses, as the status that they should have been.",
    }),
  secrets: z.array(text).optional(),
  accept: text.optional(),
  media: text.optional(),
  operations: z.record(identifier, z.union([operationLine, operation])),
  tools: z.record(z.string(), tool),
});

/** A set of tools across vendors, of operations of their documents. */
export const acrossYaml = closed({
  across: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "expected a slug such as msp")
    .max(40),
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9]*$/, "expected a short word such as msp")
    .max(12),
  title: line.max(40),
  tools: z.record(z.string(), tool),
});

export type AcrossYaml = z.infer<typeof acrossYaml>;
export type VendorYaml = z.infer<typeof vendorYaml>;
export type CredentialYaml = z.infer<typeof credential>;
export type { AuthYaml, SchemeYaml } from "./sign-in.ts";
export type OperationYaml = z.infer<typeof operation>;
export type PagesYaml = z.infer<typeof pages>;
export type FiltersYaml = z.infer<typeof filters>;
export type LabelYaml = z.infer<typeof label>;
export type ToolYaml = z.infer<typeof tool>;
export type StepYaml = z.infer<typeof step>;
export type ConditionYaml = z.infer<typeof condition>;
export type ValueYaml = z.infer<typeof value>;
export type { ChoiceYaml };
export type InputYaml = Omit<z.infer<typeof input>, "fields"> & { fields?: Record<string, string | InputYaml> };

/** The JSON Schema that editors load through the first line of a vendors.yaml. */
export function vendorJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(vendorYaml, { io: "input", unrepresentable: "any" });
}
