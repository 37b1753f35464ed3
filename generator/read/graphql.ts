import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  GraphQLError,
  getLocation,
  type NamedTypeNode,
  parse,
  print,
} from "graphql";
import type { JsonObject } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";
import type { Sdl, SdlField, SdlType } from "../model/sdl.ts";

/** Whether a description of this name is SDL. */
export const isSdlName = (name: string): boolean => /\.(graphql|graphqls|gql|sdl)(\.gz)?$/i.test(name);

/** SDL as plain data. Its first comment is its title; descriptions and directives are left behind. */
export function parseSdl(text: string, name: string): { document?: JsonObject; problems: readonly Problem[] } {
  try {
    const document = parse(text);
    const renamed = renamedRoot(document);
    if (renamed) {
      const message = `expected roots called Query and Mutation, found ${renamed.name.value}`;
      return { problems: [{ where: placeOf(renamed, name), message, hint: "rename them in a copy" }] };
    }
    const title = /^# *(\S.*)$/m.exec(text.slice(0, 1000))?.[1] ?? name;
    const sdl: Sdl = { sdl: 1, title, types: typesIn(document) };
    return { document: sdl as unknown as JsonObject, problems: [] };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { line, column } = error.locations?.[0] ?? { line: 1, column: 1 };
    return { problems: [{ where: `${name}:${line}:${column}`, message: `is not SDL: ${error.message}` }] };
  }
}

/** A type of `schema { … }` that is not called after what it is for. */
function renamedRoot({ definitions }: DocumentNode): NamedTypeNode | undefined {
  const roots = definitions.flatMap((node) => (node.kind === "SchemaDefinition" ? node.operationTypes : []));
  return roots.find(({ operation, type }) => type.name.value.toLowerCase() !== operation)?.type;
}

function placeOf({ loc }: NamedTypeNode, name: string): string {
  const { line, column } = loc ? getLocation(loc.source, loc.start) : { line: 1, column: 1 };
  return `${name}:${line}:${column}`;
}

/** Every type with what extensions add to it. */
function typesIn({ definitions }: DocumentNode): Record<string, SdlType> {
  const types = new Map<string, SdlType>();
  for (const node of definitions) {
    const type = typeOf(node);
    if (!type || !("name" in node) || !node.name) continue;
    const before = types.get(node.name.value);
    types.set(node.name.value, before ? extended(before, type) : type);
  }
  return Object.fromEntries(types);
}

function typeOf(node: DefinitionNode): SdlType | undefined {
  switch (node.kind) {
    case "ObjectTypeDefinition":
    case "ObjectTypeExtension":
    case "InterfaceTypeDefinition":
    case "InterfaceTypeExtension": {
      const parents = (node.interfaces ?? []).map(({ name }) => name.value);
      const kind = node.kind.startsWith("Object") ? "type" : "interface";
      return { kind, ...(parents.length > 0 && { implements: parents }), fields: fieldsIn(node.fields ?? []) };
    }
    case "InputObjectTypeDefinition":
    case "InputObjectTypeExtension":
      return { kind: "input", fields: fieldsIn(node.fields ?? []) };
    case "EnumTypeDefinition":
    case "EnumTypeExtension":
      return { kind: "enum", values: (node.values ?? []).map(({ name }) => name.value) };
    case "UnionTypeDefinition":
    case "UnionTypeExtension":
      return { kind: "union", members: (node.types ?? []).map(({ name }) => name.value) };
    case "ScalarTypeDefinition":
      return { kind: "scalar" };
    default: // directives and the like say nothing about data
  }
}

function extended(before: SdlType, more: SdlType): SdlType {
  if ("fields" in before && "fields" in more) return { ...before, fields: { ...before.fields, ...more.fields } };
  if (before.kind === "enum" && more.kind === "enum") return { ...before, values: [...before.values, ...more.values] };
  if (before.kind === "union" && more.kind === "union")
    return { ...before, members: [...before.members, ...more.members] };
  return before;
}

interface FieldNode {
  readonly name: { readonly value: string };
  readonly type: Parameters<typeof print>[0];
  readonly arguments?: readonly FieldNode[] | undefined;
  readonly defaultValue?: Parameters<typeof print>[0] | undefined;
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

const fieldsIn = (nodes: readonly FieldNode[]): Record<string, SdlField> =>
  Object.fromEntries(nodes.map((node) => [node.name.value, fieldOf(node)]));

function fieldOf({ type, arguments: args = [], defaultValue }: FieldNode): SdlField {
  const text = print(type);
  if (args.length === 0 && defaultValue === undefined) return text;
  return {
    type: text,
    ...(args.length > 0 && { args: fieldsIn(args) }),
    ...(defaultValue && { default: print(defaultValue) }),
  };
}
