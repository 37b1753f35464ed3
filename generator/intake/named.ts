import type { OpenApi, Operation, PathItem, Schema } from "../model/openapi.ts";

/**
 * The document with only those fields and query parameters that somebody names, for descriptions whose schemas have
 * hundreds of fields. What is required stays, and so does everything that is no field: types, unions, arrays, paths.
 */
export function keepNamed(document: OpenApi, names: ReadonlySet<string>) {
  let fields = 0;
  let parameters = 0;

  function schema(given: Schema): Schema {
    const over = (key: "allOf" | "oneOf" | "anyOf" | "prefixItems") =>
      Array.isArray(given[key]) && { [key]: (given[key] as readonly Schema[]).map(schema) };
    const kept = Object.entries(given.properties ?? {}).filter(
      ([name]) => names.has(name) || given.required?.includes(name) || given.discriminator?.propertyName === name,
    );
    fields += Object.keys(given.properties ?? {}).length - kept.length;
    const { properties, ...rest } = given;
    return {
      ...rest,
      ...(properties && { properties: Object.fromEntries(kept.map(([name, field]) => [name, schema(field)])) }),
      ...(given.items && { items: schema(given.items) }),
      ...(typeof given.additionalProperties === "object" && {
        additionalProperties: schema(given.additionalProperties),
      }),
      ...over("allOf"),
      ...over("oneOf"),
      ...over("anyOf"),
      ...over("prefixItems"),
    };
  }

  const inContent = <Part extends { readonly content?: Operation["responses"][string]["content"] }>(
    part: Part,
  ): Part =>
    part.content
      ? {
          ...part,
          content: Object.fromEntries(
            Object.entries(part.content).map(([type, media]) => [type, { schema: schema(media.schema) }]),
          ),
        }
      : part;

  function operation(given: Operation): Operation {
    const kept = given.parameters?.filter((each) => each.in === "path" || each.required || names.has(each.name));
    parameters += (given.parameters?.length ?? 0) - (kept?.length ?? 0);
    const { parameters: _all, ...rest } = given;
    return {
      ...rest,
      ...(kept && kept.length > 0 && { parameters: kept }),
      ...(given.requestBody && { requestBody: inContent(given.requestBody) }),
      responses: Object.fromEntries(
        Object.entries(given.responses).map(([status, response]) => [status, inContent(response)]),
      ),
    };
  }

  const over = <Value, Result>(values: Readonly<Record<string, Value>>, change: (value: Value) => Result) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
  const kept: OpenApi = {
    ...document,
    paths: over(document.paths, (item): PathItem => over(item as Readonly<Record<string, Operation>>, operation)),
    components: { schemas: over(document.components.schemas, schema) },
  };
  return { document: kept, fields, parameters };
}
