import { type ConstDirectiveNode, type DocumentNode, GraphQLError, parse, print } from "graphql";
import type { JsonObject } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";
import type { Sdl, SdlField, SdlType } from "../model/sdl.ts";

/** Whether a description of this name is SDL. */
export const isSdlName = (name: string): boolean => /\.(graphql|graphqls|gql|sdl)(\.gz)?$/i.test(name);

/** SDL as plain data. Its first comment is its title; descriptions and directives are left behind. */
export function parseSdl(text: string, name: string): { document?: JsonObject; problems: readonly Problem[] } {
  try {
    const sdl: Sdl = {
      sdl: 1,
      title: /^# *(\S.*)$/m.exec(text.slice(0, 1000))?.[1] ?? name,
      types: typesIn(parse(text)),
    };
    return { document: sdl as unknown as JsonObject, problems: [] };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { line, column } = error.locations?.[0] ?? { line: 1, column: 1 };
    return { problems: [{ where: `${name}:${line}:${column}`, message: `is not SDL: ${error.message}` }] };
  }
}

function typesIn({ definitions }: DocumentNode): Record<string, SdlType> {
  const types: [string, SdlType][] = [];
  for (const each of definitions) {
    switch (each.kind) {
      case "ObjectTypeDefinition":
      case "InterfaceTypeDefinition":
      case "InputObjectTypeDefinition": {
        const parents = "interfaces" in each ? (each.interfaces ?? []).map(({ name }) => name.value) : [];
        const kind =
          each.kind === "ObjectTypeDefinition"
            ? "type"
            : each.kind === "InterfaceTypeDefinition"
              ? "interface"
              : "input";
        types.push([
          each.name.value,
          { kind, ...(parents.length > 0 && { implements: parents }), fields: fieldsIn(each.fields ?? []) },
        ]);
        break;
      }
      case "EnumTypeDefinition":
        types.push([each.name.value, { kind: "enum", values: (each.values ?? []).map(({ name }) => name.value) }]);
        break;
      case "UnionTypeDefinition":
        types.push([each.name.value, { kind: "union", members: (each.types ?? []).map(({ name }) => name.value) }]);
        break;
      case "ScalarTypeDefinition":
        types.push([each.name.value, { kind: "scalar" }]);
        break;
      default: // directives and the like say nothing about data
    }
  }
  return Object.fromEntries(types);
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
