import { ajvFor, type OpenApi, pointerPart, resolve, unknownFields } from "./validate.ts";

/**
 * What an answer of a fake says that the vendor's document does not: fields it does not name, and values of another type.
 * Nulls count as absent, because vendors send them where their documents know only types.
 */
export function checkAnswer(
  document: OpenApi,
  method: string,
  template: string,
  status: number,
  value: unknown,
): string[] {
  const operation = document.paths[template]?.[method.toLowerCase()];
  const response = operation?.responses?.[String(status)];
  if (!response) return [`${method} ${template} documents no ${status}`];
  const [media, content] = Object.entries(response.content ?? {})[0] ?? [];
  if (!media || !content?.schema)
    return value === undefined ? [] : [`${method} ${template} documents no body for ${status}`];
  const schema = resolve(document, content.schema);
  if ("x-attributes" in schema) return checkAttributes(schema["x-attributes"] as Record<string, string>, value);
  const given = withoutNulls(value);
  const pointer = `vendor#/paths/${pointerPart(template)}/${method.toLowerCase()}/responses/${status}/content/${pointerPart(media)}/schema`;
  const ajv = ajvFor(document);
  const validate = ajv.compile({ $ref: pointer });
  return validate(given)
    ? unknownFields(document, schema, given, "answer")
    : [ajv.errorsText(validate.errors, { dataVar: "answer" })];
}

/** JSON:API resources against the list of attributes and their types. */
function checkAttributes(known: Record<string, string>, value: unknown): string[] {
  const { data } = value as { data: Resource | Resource[] };
  return [data].flat().flatMap(({ id, type, attributes }) => [
    ...(typeof id === "string" && typeof type === "string" ? [] : ["a resource without id and type"]),
    ...Object.entries(attributes).flatMap(([name, given]) => {
      if (known[name] === undefined) return [`attribute ${name} is not in the document`];
      return given === null || fits(given, known[name])
        ? []
        : [`attribute ${name} is ${JSON.stringify(given)}, not ${known[name]}`];
    }),
  ]);
}

interface Resource {
  id?: unknown;
  type?: unknown;
  attributes: Record<string, unknown>;
}

function fits(value: unknown, types: string): boolean {
  return types.split("|").some((type) => {
    if (type === "integer") return Number.isInteger(value);
    if (type === "boolean") return typeof value === "boolean";
    if (type.startsWith("array")) return Array.isArray(value);
    if (type.startsWith("{") || type === "object") return typeof value === "object";
    if (type === "date" || type === "datetime") return typeof value === "string" && !Number.isNaN(Date.parse(value));
    // The samples of the page show null where nothing was filled in: nothing is known of those.
    return type === "null" || typeof value === "string";
  });
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      inner === null || documentedOtherwise(name, inner) ? [] : [[name, withoutNulls(inner)]],
    ),
  );
}

/**
 * Alert times come as numbers and contexts overlap each other, against the document; user-defined fields are in the
 * document of an earlier build alone. Those three are not held against it.
 */
const documentedOtherwise = (name: string, value: unknown) =>
  name === "alertContext" || name === "udf" || (name === "timestamp" && typeof value === "number" && value > 1e12);
