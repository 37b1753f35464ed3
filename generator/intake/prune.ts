import { sorted } from "../model/json.ts";
import {
  type Content,
  type OpenApi,
  type Operation,
  operationsIn,
  type PathItem,
  placeOf,
  referenced,
  type Schema,
} from "../model/openapi.ts";

/** Which fields of a type are used: all of them, or these, each with the fields used of it. */
type Selection = "all" | Map<string, Selection>;

interface Wanted {
  /** As `GET /path`; all when left out. */
  readonly operations?: readonly string[];
  /**
   * Dotted fields of an operation's answer that are used, e.g. `devices.hostname`; arrays are seen through, and a field
   * named without its parts keeps them all. An operation that is not listed keeps its whole answer.
   */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
}

/** The part of a document that some operations and some fields of their answers need. */
export function prune(document: OpenApi, { operations, fields = {} }: Wanted): OpenApi {
  const wanted = operations && new Set(operations);
  const uses = schemaUses(document);
  const kept: [string, Operation][] = [];
  for (const [title, operation] of operationsIn(document)) {
    if (wanted && !wanted.has(title)) continue;
    const selection = Object.hasOwn(fields, title) ? selectionOf(fields[title] ?? []) : "all";
    for (const { schema } of operation.parameters ?? []) uses.reach(schema, "all");
    reachContent(operation.requestBody?.content, "all");
    for (const [status, { content }] of Object.entries(operation.responses))
      reachContent(content, isSuccess(status) ? selection : "all");
    kept.push([
      title,
      selection === "all" ? operation : { ...operation, responses: narrowed(operation.responses, selection) },
    ]);
  }

  function reachContent(content: Content = {}, selection: Selection) {
    for (const { schema } of Object.values(content)) uses.reach(schema, selection);
  }

  function narrowed(responses: Operation["responses"], selection: Selection): Operation["responses"] {
    const each = Object.entries(responses).map(([status, response]) => {
      if (!response.content || !isSuccess(status)) return [status, response] as const;
      const content = Object.entries(response.content).map(
        ([type, { schema }]) => [type, { schema: narrow(schema, selection) }] as const,
      );
      return [status, { ...response, content: Object.fromEntries(content) }] as const;
    });
    return Object.fromEntries(each);
  }

  return { ...document, paths: pathsOf(kept), components: { schemas: uses.kept() } };
}

const isSuccess = (status: string) => status.startsWith("2");

function pathsOf(operations: readonly [string, Operation][]): Record<string, PathItem> {
  const paths = new Map<string, Record<string, Operation>>();
  for (const [title, operation] of operations) {
    const { method, path } = placeOf(title);
    paths.set(path, { ...paths.get(path), [method]: operation });
  }
  return sorted(paths);
}

/** Follows references and remembers which fields of each shared schema anybody uses. */
function schemaUses(document: OpenApi) {
  const { schemas } = document.components;
  const uses = new Map<string, Selection>();
  const waiting = new Set<string>();

  function reach(schema: Schema, selection: Selection): void {
    const name = referenced(schema);
    if (name !== undefined) {
      const before = uses.get(name);
      const { selection: after, grew } = before ? merged(before, selection) : { selection, grew: true };
      if (!grew || !Object.hasOwn(schemas, name)) return;
      uses.set(name, after);
      waiting.add(name);
      return;
    }
    for (const [field, property] of Object.entries(schema.properties ?? {})) {
      const part = partOf(schema, selection, field);
      if (part) reach(property, part);
    }
    if (typeof schema.additionalProperties === "object") reach(schema.additionalProperties, anyPart(selection));
    for (const each of elements(schema)) reach(each, selection);
    for (const target of Object.values(schema.discriminator?.mapping ?? {})) reach({ $ref: target }, selection);
    if (schema.not) reach(schema.not as Schema, "all");
  }

  /** The schemas in use, with the fields in use. */
  function kept() {
    for (const name of waiting) {
      waiting.delete(name);
      reach(schemas[name] as Schema, uses.get(name) as Selection);
    }
    const parts = new Set([...uses.keys()].flatMap((name) => (schemas[name]?.allOf ?? []).flatMap(referenced)));
    return sorted(
      [...uses].map(([name, selection]) => {
        const left = narrow(schemas[name] as Schema, selection);
        return [name, parts.has(name) && isEmptied(left) ? OPEN : left] as const;
      }),
    );
  }

  return { reach, kept };
}

/** The schema with only the selected fields; references stay, their targets are narrowed on their own. */
function narrow(schema: Schema, selection: Selection): Schema {
  if (selection === "all" || schema.$ref) return schema;
  const over = (children: readonly Schema[]) => children.map((child) => narrow(child, selection));
  const { properties, required, additionalProperties, ...rest } = schema;
  const fields = Object.entries(properties ?? {}).flatMap(([field, property]) => {
    const part = partOf(schema, selection, field);
    return part ? [[field, narrow(property, part)] as const] : [];
  });
  const still = required?.filter((field) => fields.some(([kept]) => kept === field));
  return {
    ...rest,
    ...(still && still.length > 0 && { required: still }),
    ...(fields.length > 0 && { properties: Object.fromEntries(fields) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === "object"
          ? narrow(additionalProperties, anyPart(selection))
          : additionalProperties,
    }),
    ...(schema.items && { items: narrow(schema.items, selection) }),
    ...(schema.prefixItems !== undefined && { prefixItems: over(schema.prefixItems as Schema[]) }),
    ...(schema.allOf && { allOf: over(schema.allOf).map((part) => (isEmptied(part) ? OPEN : part)) }),
    ...(schema.oneOf && { oneOf: over(schema.oneOf) }),
    ...(schema.anyOf && { anyOf: over(schema.anyOf) }),
  };
}

/** Nothing of it is read. As part of another it must not say that there is nothing. */
const OPEN: Schema = { type: "object", additionalProperties: true };
const isEmptied = (schema: Schema) => Object.keys(schema).join() === "type" && schema.type === "object";

const elements = (schema: Schema): readonly Schema[] => [
  ...(schema.items ? [schema.items] : []),
  ...((schema.prefixItems as Schema[] | undefined) ?? []),
  ...(schema.allOf ?? []),
  ...(schema.oneOf ?? []),
  ...(schema.anyOf ?? []),
];

function selectionOf(paths: readonly string[]): Selection {
  const root: Selection = new Map();
  for (const path of paths) {
    let node: Map<string, Selection> = root;
    const steps = path.split(".");
    for (const [index, step] of steps.entries()) {
      const next = node.get(step);
      if (next === "all") break;
      if (index === steps.length - 1) node.set(step, "all");
      else {
        const below = next ?? new Map<string, Selection>();
        node.set(step, below);
        node = below;
      }
    }
  }
  return root;
}

/** What is used of one field; a discriminator is always used. */
function partOf(schema: Schema, selection: Selection, field: string): Selection | undefined {
  if (selection === "all" || schema.discriminator?.propertyName === field) return "all";
  return selection.get(field);
}

/** Of the values of a map, whose keys are data: whatever is used of any of them. */
function anyPart(selection: Selection): Selection {
  if (selection === "all") return "all";
  let union: Selection = new Map();
  for (const part of selection.values()) union = merged(union, part).selection;
  return union;
}

function merged(before: Selection, more: Selection): { selection: Selection; grew: boolean } {
  if (before === "all") return { selection: "all", grew: false };
  if (more === "all") return { selection: "all", grew: true };
  const union = new Map(before);
  let grew = false;
  for (const [field, part] of more) {
    const known = union.get(field);
    const next = known ? merged(known, part) : { selection: part, grew: true };
    union.set(field, next.selection);
    grew ||= next.grew;
  }
  return { selection: union, grew };
}
