import type { Schema } from "../model/openapi.ts";
import type { MoreModel, PagesModel, ParameterModel } from "../model/operation.ts";
import type { OperationYaml, PagesYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { fieldNames, fieldOf, shapesOf } from "./schemas.ts";

/** The vendor's paging with what this operation changes of it. */
export function pagesOf(operation: OperationYaml, vendor: VendorYaml): PagesYaml | undefined {
  if (operation.pages === "none") return;
  // Another style is another dialect: nothing of the vendor's own applies to it.
  if (operation.pages?.style && operation.pages.style !== vendor.pages?.style) return operation.pages;
  return vendor.pages || operation.pages ? { ...vendor.pages, ...operation.pages } : undefined;
}

export function buildPages(
  yaml: PagesYaml | undefined,
  answer: Schema,
  { parameters, body }: { parameters: readonly ParameterModel[]; body: Schema | undefined },
  operationAt: Path,
  context: Context,
): PagesModel | undefined {
  if (!yaml) return;
  const at = [...operationAt, "pages"];
  const parameter = (wire: string) => {
    const known = parameters.filter((each) => each.in === "query").map((each) => each.wire);
    if (!known.includes(wire) && !hasPath(wire, body, context))
      context.unknown(at, wire, "a query parameter or a field of the body of this operation", known);
    return wire;
  };
  const path = (dotted: string) => {
    checkPath(dotted, answer, at, context);
    return dotted.split(".");
  };
  const needs = <Value>(value: Value | undefined, key: string): value is Value => {
    if (value === undefined) context.problem(at, `style ${yaml.style ?? "number"} needs ${key}`);
    return value !== undefined;
  };

  const size = yaml.size && { name: parameter(yaml.size.name), value: yaml.size.value };
  const common = { ...(size && { size }), ...(yaml.total && { total: path(yaml.total) }) };
  switch (yaml.style) {
    case "nextUrl":
      if (!needs(yaml.more, "more")) return;
      return { ...common, kind: "nextUrl", more: typeof yaml.more === "string" ? path(yaml.more) : [] };
    case "searchAfter":
    case "idCursor":
      if (!needs(yaml.page, "page") || !needs(yaml.field, "field")) return;
      return {
        ...common,
        kind: yaml.style,
        parameter: parameter(yaml.page),
        schema: parameters.find(({ wire }) => wire === yaml.page)?.schema ?? {},
        field: yaml.field.split("."),
      };
    default: {
      if (!needs(yaml.page, "page") || !needs(yaml.more, "more")) return;
      const more: MoreModel =
        yaml.more === "fullPage"
          ? { kind: "fullPage" }
          : typeof yaml.more === "string"
            ? { kind: "path", path: path(yaml.more) }
            : { kind: "less", page: path(yaml.more.less[0]), pages: path(yaml.more.less[1]) };
      if (more.kind === "fullPage" && !size) context.problem(at, "more: fullPage needs size");
      return { ...common, kind: "number", first: yaml.first ?? 1, page: parameter(yaml.page), more };
    }
  }
}

/** A dotted path of what is sent, such as `input.page`. */
export function hasPath(dotted: string, schema: Schema | undefined, { document }: Context): boolean {
  let shapes = schema ? shapesOf(schema, document) : [];
  for (const name of dotted.split(".")) {
    const field = fieldOf(shapes, name, document);
    if (!field) return false;
    shapes = field.shapes;
  }
  return true;
}

function checkPath(dotted: string, body: Schema, at: Path, context: Context): void {
  let shapes = shapesOf(body, context.document);
  for (const name of dotted.split(".")) {
    const field = fieldOf(shapes, name, context.document);
    if (!field) {
      context.unknown(at, name, "a field of the answer", fieldNames(shapes));
      return;
    }
    shapes = field.shapes;
  }
}
