import type { Schema } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { Context } from "./context.ts";
import { fieldOf, shapesOf, typeOf } from "./schemas.ts";

/**
 * The operations of a vendor that can be asked for some fields only, each with what tools read of its answer as the constant value
 * of that parameter: `id,company/name`. Where nothing is known to be read, or a tool says itself which fields, it stays out.
 */
export function withSelection(
  operations: readonly OperationModel[],
  read: (operation: OperationModel) => readonly string[],
  context: Context,
): OperationModel[] {
  const { select, operations: entries } = context.source.yaml;
  if (!select) return [...operations];
  const wanted = operations.map((operation) => {
    const entry = entries[operation.name];
    if (typeof entry === "object" && entry.select === "none") return operation;
    const parameter = context.operations.get(operation.name)?.parameters.find(({ wire }) => wire === select.param);
    const isGiven = operation.parameters.some(({ wire }) => wire === select.param);
    const fields = parameter && operation.reads && !isGiven ? fieldsOf(operation, read(operation), context) : [];
    if (!parameter || fields.length === 0) return operation;
    const constant = fields.map((path) => path.join(select.nest ?? ".")).join(select.join ?? ",");
    return { ...operation, parameters: [...operation.parameters, { ...parameter, constant }] };
  });
  const takes = [...context.operations.values()].some(({ parameters }) =>
    parameters.some(({ wire }) => wire === select.param),
  );
  if (!takes) context.problem(["select", "param"], `no operation has a parameter ${select.param}`);
  return wanted;
}

/** Paths in the thing itself or in an item, sorted; what lies in a list or in a map is asked for as a whole. */
function fieldsOf({ list, answer }: OperationModel, read: readonly string[], { document }: Context): string[][] {
  const outside = list ? list.items.length : (answer.inside?.split(".").length ?? 0);
  const start = shapesOf(list?.item ?? answer.schema ?? {}, document);
  const paths = read.flatMap((dotted) => {
    const inside = dotted.split(".").slice(outside);
    const path: string[] = [];
    let shapes: readonly Schema[] = start;
    for (const name of inside) {
      const field = fieldOf(shapes, name, document);
      // What only others of a choice have is not asked of this one.
      if (!field) break;
      path.push(name);
      shapes = field.shapes;
      if (shapes.some((shape) => typeOf(shape) === "array" || shape.additionalProperties)) break;
    }
    return path.length > 0 ? [path] : [];
  });
  const texts = [...new Set(paths.map((path) => path.join(".")))].sort();
  return texts.filter((text) => !texts.some((other) => text.startsWith(`${other}.`))).map((text) => text.split("."));
}
