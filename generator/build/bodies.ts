import { pascal } from "../model/names.ts";
import type { Method, Operation } from "../model/openapi.ts";
import type { AnswerModel, BodyModel } from "../model/operation.ts";
import type { OperationYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { aliasOf, itemOf, type Place, placed, stepInto } from "./place.ts";
import { fieldNames, shapesOf, typeOf } from "./schemas.ts";

/** What an operation sends, and how `with` fills it in. */
export function buildBody(
  name: string,
  method: Method,
  path: string,
  yaml: OperationYaml,
  spec: Operation,
  answer: AnswerModel,
  context: Context,
): BodyModel | undefined {
  const at: Path = ["operations", name];
  const [[media, content] = []] = Object.entries(spec.requestBody?.content ?? {});
  if (!media || !content) {
    for (const key of ["body", "needs", "without"] as const)
      if (yaml[key]) context.problem([...at, key], `${yaml.do} takes no body`);
    return;
  }
  const whole = `paths[${JSON.stringify(path)}]["${method}"]["requestBody"]`;
  const type = `${spec.requestBody?.required ? whole : `NonNullable<${whole}>`}["content"][${JSON.stringify(media)}]`;
  const place = placed(content.schema, type);
  const fallback = `${pascal(name)}${path.startsWith("/") ? "Body" : "Variables"}`;
  const alias = aliasOf(place, fallback, false);
  const common = { kind: "json", media, alias, schema: content.schema, needs: [], without: [] } as const;
  const body = { ...common, ...bodyAs(name, yaml, place, answer, context) };
  const known = fieldNames(shapesOf(body.schema, context.document));
  for (const key of ["needs", "without"] as const)
    for (const [index, field] of (yaml[key] ?? []).entries())
      if (known.length > 0 && !known.includes(field))
        context.unknown([...at, key, index], field, `a field of the body of ${yaml.do}`, known);
  const required = new Set(shapesOf(body.schema, context.document).flatMap((shape) => shape.required ?? []));
  const demanded = (yaml.without ?? []).filter((field) => required.has(field));
  return {
    ...body,
    needs: yaml.needs ?? [],
    without: yaml.without ?? [],
    ...(demanded.length > 0 && { demanded }),
  };
}

/** What the YAML's `body` makes of it: another part of it is filled in, in another form. */
function bodyAs(
  name: string,
  { body, do: route }: OperationYaml,
  place: Place,
  answer: AnswerModel,
  context: Context,
): Partial<BodyModel> {
  const at: Path = ["operations", name, "body"];
  if (body === undefined || body === "json") return {};
  if (body === "value") return { kind: "value" };
  const item = itemOf(place, context);
  if (body === "array" || body === "jsonPatch" || "jsonPatch" in body) {
    if (!item) {
      const found = typeOf(place.schema) ?? "something else";
      context.problem(at, `is an array in vendors.yaml only; ${route} takes ${found}`);
      return {};
    }
    if (body === "array")
      return { kind: "array", schema: item.schema, alias: aliasOf(item, `${pascal(name)}Body`, false) };
    // What is patched is what is answered; without an answer any field will do.
    const schema = answer.schema ?? { type: "object" };
    return { kind: "jsonPatch", schema, ...(body !== "jsonPatch" && { before: body.jsonPatch }) };
  }
  const data = stepInto(place, "data", context);
  const attributes = data && stepInto(data, "attributes", context);
  if (!attributes) {
    context.problem(at, `the body of ${route} has no data.attributes`);
    return {};
  }
  const alias = aliasOf(attributes, `${pascal(name)}Attributes`, false);
  return { kind: "jsonapi", type: body.jsonapi, schema: attributes.schema, alias };
}
