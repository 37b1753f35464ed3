import type { FilterModel } from "../model/filter.ts";
import { camel, pascal } from "../model/names.ts";
import type { OpenApi, Schema } from "../model/openapi.ts";
import type { OperationModel, TypeAlias } from "../model/operation.ts";
import type { StepModel } from "../model/step.ts";
import type { Context } from "./context.ts";

/** A vendor whose operations tools across vendors may call. */
export interface Lender {
  readonly context: Context;
  /** Steps of such tools that call this vendor. */
  readonly lent: StepModel[];
}

/**
 * `vendor.operation` as an operation of another document: what it names is marked with the vendor, so that two vendors'
 * schemas, types and filters of one name stay apart.
 */
export function borrow(name: string, lenders: ReadonlyMap<string, Lender>): OperationModel | undefined {
  const [slug = "", key = ""] = name.split(".");
  const original = lenders.get(slug)?.context.operations.get(key);
  if (!original) return;
  const marked = markRefs(slug, original);
  const aliased = <Aliased extends { readonly alias: TypeAlias }>(thing: Aliased): Aliased => ({
    ...thing,
    alias: { ...thing.alias, name: `${pascal(slug)}${thing.alias.name}` },
  });
  const filter = ({ of, ...rest }: FilterModel): FilterModel => ({
    ...rest,
    name: `${camel(slug)}${pascal(rest.name)}`,
    ...(of !== undefined && { of: `${slug}.${of}` }),
  });
  return {
    ...marked,
    vendor: slug,
    answer: aliased(marked.answer),
    ...(marked.list && { list: aliased(marked.list) }),
    ...(marked.filter && { filter: filter(marked.filter) }),
  };
}

/** The schemas of all vendors, each under its vendor's mark. */
export function documentOf(lenders: ReadonlyMap<string, Lender>): OpenApi {
  const schemas: Record<string, Schema> = {};
  for (const [slug, { context }] of lenders)
    for (const [name, schema] of Object.entries(context.document.components.schemas))
      schemas[`${slug}.${name}`] = markRefs(slug, schema);
  return { openapi: "3.1.0", info: { title: "", version: "" }, paths: {}, components: { schemas } } as OpenApi;
}

const REF = "#/components/schemas/";

function markRefs<Value>(slug: string, value: Value): Value {
  if (Array.isArray(value)) return value.map((each) => markRefs(slug, each)) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string" && inner.startsWith(REF)
        ? `${REF}${slug}.${inner.slice(REF.length)}`
        : markRefs(slug, inner),
    ]),
  ) as Value;
}
