import {
  buildSchema,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import type { GraphqlModel, OperationModel } from "../model/operation.ts";
import type { Context } from "./context.ts";

/** What is read of an answer: names, and what is read inside each. */
interface Selection extends ReadonlyMap<string, Selection> {}

/**
 * The documents of GraphQL operations: each asks for what tools read of its answer, and for nothing else. They are checked against
 * the SDL here, so that a vendor never sees one that it cannot answer. `fieldsOf` are the dotted paths that are read.
 */
export function buildDocuments(
  operations: readonly OperationModel[],
  fieldsOf: (operation: OperationModel) => readonly string[],
  context: Context,
): OperationModel[] {
  const { sdl } = context.document;
  if (sdl === undefined) return [...operations];
  const schema = buildSchema(sdl);
  return operations.map((operation) => {
    if (!operation.graphql) return operation;
    const document = documentOf(operation, operation.graphql, selectionOf(fieldsOf(operation)), schema);
    for (const { message } of validate(schema, parse(document)))
      context.problem(
        ["operations", operation.name],
        `its document does not fit the SDL: ${message.replace(/\.$/, "")}`,
      );
    return { ...operation, graphql: { ...operation.graphql, document } };
  });
}

function selectionOf(paths: readonly string[]): Selection {
  const root = new Map<string, Map<string, Selection>>();
  for (const path of paths) {
    let here: Map<string, Selection> = root;
    for (const name of path.split(".").filter(Boolean)) {
      const inner = (here.get(name) ?? new Map()) as Map<string, Selection>;
      here.set(name, inner);
      here = inner;
    }
  }
  return root;
}

/** Named after our operation, with a variable for each argument of the field. */
function documentOf(
  { name }: OperationModel,
  { kind, field }: GraphqlModel,
  selection: Selection,
  schema: GraphQLSchema,
): string {
  const root = kind === "query" ? schema.getQueryType() : schema.getMutationType();
  const { args, type } = (root as GraphQLObjectType).getFields()[field]!; // the operation was found by this name
  const variables = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(", ");
  const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(", ");
  const head = `${kind} ${name}${variables && `(${variables})`}`;
  return `${head} {\n  ${field}${given && `(${given})`}${selectionText(type, selection, "  ")}\n}\n`;
}

/**
 * Fields in the order of the SDL; a scalar is a leaf whatever is read inside it; of an object something must be asked.
 * What another operation of a choice has is left out.
 */
function selectionText(type: GraphQLOutputType, selection: Selection, indent: string): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return "";
  const inner = `${indent}  `;
  const fields = isObjectType(named) || isInterfaceType(named) ? Object.values(named.getFields()) : [];
  const lines = fields
    .filter(({ name }) => selection.has(name))
    .map((field) => `${inner}${field.name}${selectionText(field.type, selection.get(field.name)!, inner)}\n`);
  return ` {\n${lines.join("") || `${inner}__typename\n`}${indent}}`;
}
