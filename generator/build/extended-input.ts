import { camel, words } from "../model/names.ts";
import type { OpenApi, Schema } from "../model/openapi.ts";
import type { OperationModel, ParameterModel } from "../model/operation.ts";
import { didYouMean } from "../model/problem.ts";
import type { ConditionYaml, ExtendedYaml, InputYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { fieldOf, isJson, shapesOf, typeOf } from "./schemas.ts";
import { looksSecret } from "./secrets.ts";

/** As many as a body has by itself; whoever wants others names them. */
const MOST_FIELDS = 16;
const LONG_TEXT = 4000;
const WRITTEN = new Set("body comment content description details html message note notes resolution text".split(" "));

export interface Given {
  readonly input: Record<string, InputYaml>;
  readonly with: Record<string, string>;
  readonly where: Record<string, ConditionYaml>;
}

interface Place {
  readonly vendor: VendorYaml;
  readonly document: OpenApi;
  problem(path: Path, message: string, hint?: string): void;
}

/** Something of the operation that may be given: a parameter, or a path into the body. */
interface Slot {
  readonly path: string;
  readonly required: boolean;
  readonly schema: Schema;
  readonly inBody: boolean;
}

/** The inputs of a tool that is one operation, named after what they fill in. */
export function inputsOf(own: ExtendedYaml, operation: OperationModel, place: Place): Given {
  const { vendor, document, problem } = place;
  const secrets = vendor.secrets ?? [];
  const given: Given = { input: {}, with: {}, where: {} };
  const all = [...parametersOf(operation, vendor), ...bodyOf(own, operation, document)];
  const wanted = chosen(own, all, problem);
  for (const slot of wanted) {
    const last = slot.path.split(".").at(-1)!;
    if (looksSecret(last, secrets)) {
      if (slot.required || own.input?.includes(slot.path))
        problem(own.input ? ["input"] : [], `${slot.path} looks like a secret: a tool of one line takes none`);
      continue;
    }
    const name = free(slot.path, given.input);
    given.input[name] = {
      from: `${operation.name}.${slot.path}`,
      about: aboutOf(slot.path),
      ...boundsOf(slot, name, document),
      ...(operation.body?.kind === "jsonPatch" && slot.inBody && { optional: true }),
      ...(operation.body?.needs.includes(slot.path) && { optional: false }),
    };
    given.with[slot.path] = `$${name}`;
  }
  for (const [index, path] of (own.where ?? []).entries()) addCondition(path, ["where", index]);
  return given;

  function addCondition(path: string, at: Path) {
    let shapes = shapesOf(operation.list?.item ?? {}, document);
    for (const name of path.split(".")) shapes = fieldOf(shapes, name, document)?.shapes ?? [];
    const type = typeOf(shapes[0] ?? {});
    if (!operation.filter) {
      problem(
        at,
        `${own.do} takes no filters of this vendor`,
        "leave out where; its own parameters are inputs already",
      );
      return;
    }
    const name = free(path, given.input);
    const isText = type === undefined || type === "string";
    given.input[name] = {
      type: type === "integer" || type === "number" || type === "boolean" ? type : "string",
      optional: true,
      about: isText ? `${aboutOf(path).replace(/\.$/, "")}, or a part of it.` : aboutOf(path),
      ...((type === "integer" || type === "number") && !isId(name) && { min: -1_000_000_000, max: 1_000_000_000 }),
    };
    const dialect = operation.filter.dialect;
    const contains = dialect.style === "conditions" || dialect.ops.contains !== undefined;
    given.where[path] = isText && contains ? { contains: `$${name}` } : `$${name}`;
  }
}

/** Paging, filters and chosen fields are not what a caller gives. */
function parametersOf({ parameters }: OperationModel, { pages, select, filters }: VendorYaml): Slot[] {
  const ours = new Set(
    [pages?.page, pages?.size?.name, select?.param, filters?.param, filters?.child, ...PAGING].filter(Boolean),
  );
  return parameters
    .filter(({ wire, name, constant }) => constant === undefined && !ours.has(wire) && !ours.has(name))
    .map(({ name, required, schema }: ParameterModel) => ({ path: name, required, schema, inBody: false }));
}

const PAGING = ["page", "limit", "offset", "cursor", "per_page", "page_size", "pageSize", "page[size]", "page[number]"];

/** Single values of the body; of an object inside, those that it requires and its id. */
function bodyOf(own: ExtendedYaml, { body, list, parameters }: OperationModel, document: OpenApi): Slot[] {
  if (!body) return [];
  if (body.kind === "value") return [{ path: "body", required: true, schema: body.schema, inBody: true }];
  const paging = new Set(list?.pages?.inBody);
  const filled = new Set(parameters.map(({ name }) => name));
  const slots: Slot[] = [];
  collect(shapesOf(body.schema, document), [], true, "all");
  return slots.filter(({ path }) => !paging.has(path) && !filled.has(path) && !body.without.includes(path));

  function collect(shapes: readonly Schema[], before: readonly string[], demanded: boolean, which: "all" | "few") {
    const names = [...new Set(shapes.flatMap(({ properties }) => Object.keys(properties ?? {})))];
    for (const name of names.filter((each) => /^[\w@-]+$/.test(each))) {
      const path = [...before, name].join(".");
      const field = fieldOf(shapes, name, document)!; // one of their names
      const isDemanded =
        demanded && (shapes.some(({ required }) => required?.includes(name)) || body!.needs.includes(path));
      const required = isDemanded && body!.kind !== "jsonPatch";
      const isSaid = own.input?.some((each) => each === path || each.startsWith(`${path}.`)) ?? false;
      const [shape] = field.shapes;
      if (!shape || isJson(shape) || field.fields.some(({ readOnly }) => readOnly === true)) continue;
      if (which === "few" && !isSaid && !required && words(name).join() !== "id") continue;
      if (isSingle(shape, document)) slots.push({ path, required, schema: shape, inBody: true });
      else if (shape.properties && before.length < 3) {
        const isOnly = names.length === 1;
        collect(field.shapes, [...before, name], required || isOnly, isOnly || required ? "all" : "few");
      } else if (isSaid && path === own.input?.find((each) => each === path))
        slots.push({ path, required, schema: shape, inBody: true });
    }
  }
}

const SINGLE = new Set(["string", "integer", "number", "boolean"]);

function isSingle(shape: Schema, document: OpenApi): boolean {
  const kind = typeOf(shape) ?? (shape.enum ? "string" : undefined);
  if (kind === "array" && shape.items)
    return shapesOf(shape.items, document).some((each) => SINGLE.has(typeOf(each) ?? ""));
  return kind !== undefined && SINGLE.has(kind);
}

/** What is required, and what is named; nothing named: every parameter, and some of the body without an id of its own. */
function chosen(own: ExtendedYaml, slots: readonly Slot[], problem: Place["problem"]): readonly Slot[] {
  const { input } = own;
  for (const [index, name] of (input ?? []).entries()) {
    const known = slots.map(({ path }) => path);
    if (!known.includes(name))
      problem(["input", index], `"${name}" is not a parameter or single value of ${own.do}`, didYouMean(name, known));
  }
  let left = MOST_FIELDS - slots.filter(({ inBody, required }) => inBody && required).length;
  return slots.filter(({ path, required, inBody }) => {
    if (required || input) return required || input!.includes(path);
    if (!inBody) return true;
    return words(path).join() !== "id" && left-- > 0;
  });
}

const isId = (name: string) => /ids?$/i.test(name);

/** `company.id` as `companyId`; what is taken gets a number. */
function free(path: string, input: Readonly<Record<string, unknown>>): string {
  const parts = path.split(".").filter((part, index, all) => part !== "input" || all.length === 1 || index > 0);
  const called = camel(words(parts.join("_")).join("_")).replace(/^(limit|cursor)$/, "$1Given");
  const name = /^[a-z]/.test(called) ? called : `n${called}`;
  return Object.hasOwn(input, name) ? `${name}2` : name;
}

/** Ids, counts and words, said in words; nothing of the vendor's prose. */
function aboutOf(path: string): string {
  const parts = path.split(".").filter((part, index) => !(index === 0 && part === "input"));
  const all = words(parts.join("_"));
  const ends = all.at(-1);
  const before = all.slice(0, -1).join(" ");
  if ((ends === "id" || ends === "uid") && before) return `${ends === "id" ? "Id" : "UID"} of the ${before}.`;
  const text = all.join(" ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Bounds where the description has none and a number needs some; room for texts that are written. */
function boundsOf({ schema, inBody }: Slot, name: string, document: OpenApi): Partial<InputYaml> {
  const [shape] = shapesOf(schema, document);
  const kind = shape && typeOf(shape);
  if (shape && (kind === "integer" || kind === "number") && !isId(name) && !shape.enum?.length) {
    const min = typeof shape.minimum === "number" ? shape.minimum : kind === "integer" ? 0 : -1_000_000_000;
    const max = typeof shape.maximum === "number" ? shape.maximum : 1_000_000_000;
    return { min, max };
  }
  if (shape && kind === "array" && shape.items && !isId(name)) {
    const [element] = shapesOf(shape.items, document);
    const of = element && typeOf(element);
    if (of === "integer" || of === "number") return { type: `${of}[]` };
  }
  const isWritten = words(name).some((word) => WRITTEN.has(word));
  if (inBody && isWritten && kind === "string" && !shape?.enum && !shape?.format && shape?.maxLength === undefined)
    return { max: LONG_TEXT };
  return {};
}
