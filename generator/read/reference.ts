import { stringify } from "yaml";
import { z } from "zod";
import { classes } from "./classes.ts";
import { condition, tests } from "./conditions.ts";
import { credential, credentials } from "./credentials.ts";
import { customer, operationCustomer } from "./customers.ts";
import { extended } from "./extended.ts";
import { filters } from "./filters.ts";
import { input, inputOrFrom } from "./inputs.ts";
import { label } from "./labels.ts";
import { operation, operationLine } from "./operations.ts";
import { figures, leafOptions, output, sources } from "./output.ts";
import { constant } from "./pieces.ts";
import { limits, pages } from "./reach.ts";
import { acrossYaml, vendorYaml } from "./schema.ts";
import { discover, signIns, taken } from "./sign-in.ts";
import { choice, choices, step, value, values } from "./steps.ts";
import { tool } from "./tools.ts";

/** The maps of the language, each a table of docs/vendors-yaml.md. What stands inside one and is not here is part of its table. */
export const maps: Readonly<Record<string, z.ZodType>> = {
  vendor: vendorYaml,
  credentials,
  credential,
  ...signIns,
  discover,
  taken,
  limits,
  pages,
  filters,
  labels: label,
  customer,
  operationCustomer,
  classes,
  operation,
  tool,
  input,
  step,
  choices: z.union([choices.choose, choices.by]),
  values: z.union(Object.values(values)),
  condition: tests,
  value: leafOptions,
  sources,
  figures,
  extended: extended.pick({
    items: true,
    title: true,
    description: true,
    access: true,
    reason: true,
    input: true,
    where: true,
    output: true,
  }),
  across: acrossYaml,
};

export interface KeyDoc {
  /** `size.name` for a key of a map inside. */
  readonly key: string;
  readonly about: string;
  readonly type: string;
  readonly otherwise: string;
  readonly example: unknown;
  readonly schema: z.ZodType;
}

/** Every key of a map and of the maps inside it, but for those that have a table of their own. */
export function keysOf(schema: z.ZodType, before = "", isRoot = true): KeyDoc[] {
  return objectsIn(schema, isRoot).flatMap((object) =>
    Object.entries(object.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
      const { description = "", examples = [], "x-default": otherwise } = field.meta() ?? {};
      const isRequired = !(field instanceof z.ZodOptional);
      const own: KeyDoc = {
        key: before + name,
        about: description,
        type: typeText(field),
        otherwise: typeof otherwise === "string" ? otherwise : isRequired ? "required" : "none",
        example: (examples as readonly unknown[])[0],
        schema: field,
      };
      return [own, ...keysOf(field, `${before}${name}.`, false)];
    }),
  );
}

/** What `key` adds to a schema makes another of it, with the same definition. */
const known = new Set<unknown>(Object.values(maps).map(({ def }) => def));

/** The maps that a value may be, as far as they have no table of their own. */
function objectsIn(schema: z.ZodType, isRoot: boolean): z.ZodObject[] {
  const inner = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  if (!isRoot && known.has(inner.def)) return [];
  if (inner instanceof z.ZodObject) return [inner];
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((each) => objectsIn(each as z.ZodType, false));
  return [];
}

const names = new Map<unknown, string>([
  [constant.def, "constant"],
  [choice.def, "operation or choice"],
  [output.def, "output"],
  [condition.def, "condition"],
  [inputOrFrom.def, "input"],
  [value.def, "value"],
  [operationLine.def, "`METHOD /path`"],
  [operation.def, "map"],
]);

/** In words: `list of text`, `1–100`, `` `json` or map ``. */
function typeText(schema: z.ZodType): string {
  const name = names.get(schema.def);
  if (name) return name;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodLazy) return typeText(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) return choicesText(schema);
  if (schema instanceof z.ZodBoolean) return "`true` or `false`";
  if (schema instanceof z.ZodNumber) return numberText(schema);
  if (schema instanceof z.ZodArray) return `list of ${plural(typeText(schema.element as z.ZodType))}`;
  if (schema instanceof z.ZodTuple) return "two texts";
  if (schema instanceof z.ZodRecord) return `map of ${plural(typeText(schema.valueType as z.ZodType))}`;
  if (schema instanceof z.ZodObject) return "map";
  if (schema instanceof z.ZodUnion)
    return [...new Set(schema.options.map((each) => typeText(each as z.ZodType)))].join(" or ");
  if (schema instanceof z.ZodURL) return "address";
  return schema instanceof z.ZodString ? stringText(schema) : "text";
}

const choicesText = (schema: z.ZodEnum | z.ZodLiteral) =>
  (schema instanceof z.ZodEnum ? schema.options : [...schema.values]).map((each) => `\`${each}\``).join(" ");

function numberText({ minValue, maxValue, format }: z.ZodNumber): string {
  const isBound =
    minValue !== null && maxValue !== null && minValue > Number.MIN_SAFE_INTEGER && maxValue < Number.MAX_SAFE_INTEGER;
  if (isBound) return `${minValue}–${maxValue}`;
  return format === "safeint" ? "whole number" : "number";
}

/** Texts of a form of their own say so in what they refuse. */
function stringText(schema: z.ZodString): string {
  const refused = schema.safeParse(" ").error?.issues.map(({ message }) => message) ?? [];
  const form = refused.map((message) => /^expected (?:an? )?(.*?)(?: such as .*)?$/.exec(message)?.[1]).find(Boolean);
  const most = schema.maxLength === null || schema.maxLength === 400 ? "" : `, at most ${schema.maxLength} characters`;
  return (form ?? "text") + most;
}

const plural = (type: string) =>
  /^(text|map|reference|constant|condition|value|input|output|address|number)\b/.test(type)
    ? type.replace(/^\w+/, "$&s")
    : type;

/** A table in Markdown. */
function printTable(schema: z.ZodType): string {
  const rows = keysOf(schema).map(({ key, about, type, otherwise, example }) =>
    [`\`${key}\``, about, type, otherwise, `\`${yaml(example)}\``]
      .map((cell) => cell.replaceAll("|", "\\|"))
      .join(" | "),
  );
  return ["| key | | type | default | example |", "|---|---|---|---|---|", ...rows.map((row) => `| ${row} |`)].join(
    "\n",
  );
}

const yaml = (value: unknown) =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true })
    .trim()
    .replaceAll(/\[ | \]/g, (bracket) => bracket.trim());

/** The page with each table, from `<!-- keys: name -->` to `<!-- end -->`, as the language is now. */
export const withTables = (page: string): string =>
  page.replaceAll(
    /(<!-- keys: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (whole, start: string, name: string, end: string) => {
      const map = Object.hasOwn(maps, name) ? maps[name] : undefined;
      return map ? `${start}\n${printTable(map)}\n\n${end}` : whole;
    },
  );
