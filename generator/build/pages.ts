import type { Schema } from "../model/openapi.ts";
import type { MoreModel, PagesModel, ParameterModel } from "../model/operation.ts";
import type { FiltersYaml, OperationYaml, PagesYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { fieldNames, fieldOf, shapesOf, typeOf } from "./schemas.ts";

/** The vendor's paging with what this operation changes of it. */
export function pagesOf(operation: OperationYaml, vendor: VendorYaml): PagesYaml | undefined {
  if (operation.pages === "none") return;
  // Another style is another dialect: nothing of the vendor's own applies to it.
  if (operation.pages?.style && operation.pages.style !== vendor.pages?.style) return operation.pages;
  return vendor.pages || operation.pages ? { ...vendor.pages, ...operation.pages } : undefined;
}

/** What an operation takes and answers, as far as its paging is concerned. */
export interface Paged {
  readonly answer: Schema;
  readonly item: Schema;
  readonly parameters: readonly ParameterModel[];
  readonly body: Schema | undefined;
  readonly filters: FiltersYaml | undefined;
}

export function buildPages(
  yaml: PagesYaml | undefined,
  { answer, item, parameters, body, filters }: Paged,
  operationAt: Path,
  context: Context,
): PagesModel | undefined {
  if (!yaml) return;
  const at = [...operationAt, "pages"];
  const inBody: string[] = [];
  const parameter = (wire: string) => {
    const known = parameters.filter((each) => each.in === "query").map((each) => each.wire);
    if (known.includes(wire)) return wire;
    if (hasPath(wire, body, context)) inBody.push(wire);
    else context.unknown(at, wire, "a query parameter or a field of the body of this operation", known);
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
  const moreOf = (more: NonNullable<PagesYaml["more"]>): MoreModel => {
    if (more === "fullPage" && !yaml.size) context.problem(at, "more: fullPage needs size");
    if (more === "fullPage" || more === "link") return { kind: more };
    return typeof more === "string"
      ? { kind: "path", path: path(more) }
      : { kind: "less", page: path(more.less[0]), pages: path(more.less[1]) };
  };

  const size = yaml.size && { name: parameter(yaml.size.name), value: yaml.size.value };
  const common = { ...(size && { size }), ...(yaml.total && { total: path(yaml.total) }) };
  const placed = (model: PagesModel): PagesModel => ({ ...model, ...(inBody.length > 0 && { inBody }) });
  switch (yaml.style) {
    case "nextUrl": {
      if (!needs(yaml.more, "more")) return;
      const more = moreOf(yaml.more);
      if (more.kind !== "path" && more.kind !== "link")
        context.problem([...at, "more"], "style nextUrl needs the path of the link, or link for the header");
      return placed({ ...common, kind: "nextUrl", more: more.kind === "path" ? more.path : "link" });
    }
    case "cursor": {
      if (!needs(yaml.page, "page") || !needs(yaml.more, "more")) return;
      const more = moreOf(yaml.more);
      if (more.kind !== "path") {
        context.problem([...at, "more"], "style cursor needs the path of the next page's cursor");
        return;
      }
      const page = parameter(yaml.page);
      const schema = parameters.find(({ wire }) => wire === page)?.schema ?? schemaAt(page, body ?? {}, at, context);
      return placed({ ...common, kind: "cursor", parameter: page, schema, more: more.path });
    }
    case "offset": {
      if (!needs(yaml.page, "page")) return;
      const full = size && { more: { kind: "fullPage" as const } };
      const more = yaml.more !== undefined ? { more: moreOf(yaml.more) } : yaml.total ? undefined : full;
      if (more?.more.kind === "link") context.problem([...at, "more"], "style offset does not follow links");
      if (!more && !yaml.total) {
        context.problem(at, "style offset needs more, total or size", "or nothing says whether there are more");
        return;
      }
      return placed({ ...common, kind: "offset", first: yaml.first ?? 0, page: parameter(yaml.page), ...more });
    }
    case "searchAfter":
    case "idCursor": {
      if (!needs(yaml.field, "field")) return;
      const field = yaml.field.split(".");
      if (yaml.more === "link" || typeof yaml.more === "object")
        context.problem(
          [...at, "more"],
          `style ${yaml.style} goes on while a path has a value, or while pages are full`,
        );
      const more = yaml.more !== undefined && { more: moreOf(yaml.more) };
      if (yaml.style === "idCursor" && yaml.page === undefined && filters?.style === "tree" && filters.param) {
        if (!hasPath(filters.param, body, context))
          context.unknown(at, filters.param, "a field of the body of this operation", []);
        const schema = schemaAt(yaml.field, item, at, context);
        inBody.push(filters.param);
        const whenFull = more || (size && { more: { kind: "fullPage" as const } });
        return placed({ ...common, kind: "idCursor", filter: filters.param, schema, field, ...whenFull });
      }
      if (yaml.page === undefined && yaml.style === "idCursor") {
        context.problem(
          at,
          "style idCursor needs page",
          "or filters of style tree, which then ask for greater values of field",
        );
        return;
      }
      if (!needs(yaml.page, "page")) return;
      const schema =
        parameters.find(({ wire }) => wire === yaml.page)?.schema ?? schemaAt(yaml.page, body ?? {}, at, context);
      return placed({ ...common, kind: yaml.style, parameter: parameter(yaml.page), schema, field, ...more });
    }
    default:
      if (!needs(yaml.page, "page") || !needs(yaml.more, "more")) return;
      return placed({
        ...common,
        kind: "number",
        first: yaml.first ?? 1,
        page: parameter(yaml.page),
        more: moreOf(yaml.more),
      });
  }
}

/** The schema of a field, as the type of what continues a list. */
function schemaAt(dotted: string, whole: Schema, at: Path, context: Context): Schema {
  checkPath(dotted, whole, at, context);
  let shapes = shapesOf(whole, context.document);
  for (const name of dotted.split(".")) shapes = fieldOf(shapes, name, context.document)?.shapes ?? [];
  return shapes.find((shape) => typeOf(shape) !== "null") ?? { type: "string" };
}

/** A dotted path of what is sent, such as `input.page`. */
function hasPath(dotted: string, schema: Schema | undefined, { document }: Context): boolean {
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
