import { type OpenApi, type Operation, operationsIn, referenced, type Schema } from "../model/openapi.ts";
import type { Problem } from "../model/problem.ts";

/** What an operation must have before a tool can be made of it. */
export function lint(document: OpenApi, name: string): Problem[] {
  const templates = new Map<string, string>();
  const problems = [...operationsIn(document)].flatMap(([title, operation]) => {
    const path = title.slice(title.indexOf(" ") + 1);
    const template = title.replaceAll(/\{[^}]*\}/g, "{}");
    const twin = templates.get(template);
    templates.set(template, title);
    return [
      ...(twin ? [{ message: `is the same route as ${twin}`, hint: "remove one by overlay" }] : []),
      ...(/[?#]/.test(path)
        ? [{ message: "has a query in its path", hint: "declare query parameters by overlay" }]
        : []),
      ...pathParameters(path, operation),
      ...success(title, operation, document),
    ].map((problem) => ({ where: `${name} ${title}`, ...problem }));
  });
  return [
    ...problems,
    ...compositionCircles(document).map((circle) => ({
      where: `${name} schema ${circle}`,
      message: "is composed of itself",
      hint: "drop one side of the union or of allOf by overlay",
    })),
  ];
}

type Finding = Omit<Problem, "where">;

function pathParameters(path: string, { parameters = [] }: Operation): Finding[] {
  const inPath = new Set([...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] as string));
  const declared = new Set(
    parameters.filter((parameter) => parameter.in === "path").map((parameter) => parameter.name),
  );
  return [
    ...[...inPath]
      .filter((each) => !declared.has(each))
      .map((each) => ({
        message: `does not declare its path parameter ${each}`,
        hint: "declare it by overlay",
      })),
    ...[...declared]
      .filter((each) => !inPath.has(each))
      .map((each) => ({
        message: `declares a path parameter ${each} that its path does not have`,
      })),
  ];
}

function success(title: string, { responses }: Operation, document: OpenApi): Finding[] {
  const answers = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  if (answers.length === 0) {
    return [
      {
        message: "has no 2xx answer",
        hint: "add it by overlay, or declare the repair errorIsSuccess or defaultIsSuccess",
      },
    ];
  }
  const schemas = answers.flatMap(([, { content }]) => Object.values(content ?? {}).map(({ schema }) => schema));
  // Of what a change answers, nothing need be read.
  if (title.startsWith("GET ") && schemas.some((schema) => isEmpty(schema, document)))
    return [{ message: "answers a type without fields", hint: "describe it by overlay" }];
  if (schemas.length === 0 && title.startsWith("GET "))
    return [{ message: "is a read without an answer", hint: "describe it by overlay" }];
  return [];
}

function isEmpty(schema: Schema, document: OpenApi, hops = 0): boolean {
  const name = referenced(schema);
  if (name !== undefined) return hops < 20 && isEmpty(document.components.schemas[name] ?? {}, document, hops + 1);
  if (schema.type === "object")
    return (
      !schema.properties && !schema.allOf && !schema.oneOf && !schema.anyOf && schema.additionalProperties === undefined
    );
  return Object.keys(schema).length === 0;
}

/** Schemas that are part of themselves: no value can have such a type. Circles through properties or arrays are fine. */
function compositionCircles(document: OpenApi): string[] {
  const { schemas } = document.components;
  const state = new Map<string, "open" | "done">();
  const circles: string[] = [];
  const visit = (name: string) => {
    if (state.get(name) === "open") circles.push(name);
    if (state.has(name)) return;
    state.set(name, "open");
    for (const part of partsOf(schemas[name] ?? {})) visit(part);
    state.set(name, "done");
  };
  for (const name of Object.keys(schemas)) visit(name);
  return circles;
}

function partsOf(schema: Schema): string[] {
  const name = referenced(schema);
  if (name !== undefined) return [name];
  return [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap(partsOf);
}
