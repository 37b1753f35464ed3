import { readFileSync } from "node:fs";
import { buildSchema, type GraphQLSchema, getOperationAST, getVariableValues, parse, validate } from "graphql";
import { takeIn } from "../../generator/intake/intake.ts";
import { parseOverlay, parseSpec } from "../../generator/read/spec.ts";
import type { Check } from "./fake.ts";
import type { OpenApi } from "./validate.ts";

const overlay = new URL("../../specs/superops.overlay.yaml", import.meta.url);

/** The vendor's SDL, whole or our extract of it, with our corrections. */
export function readSuperops(text: string): OpenApi & { sdl?: string } {
  const { document } = parseSpec(Buffer.from(text), "superops.graphql");
  const corrections = parseOverlay(readFileSync(overlay), "superops.overlay.yaml").document!;
  const taken = takeIn({
    name: "superops.graphql",
    document: document!,
    overlay: { name: "superops.overlay.yaml", document: corrections },
  });
  if (taken.problems.length > 0) throw new Error(JSON.stringify(taken.problems));
  return taken.document as unknown as OpenApi & { sdl?: string };
}

/** Every document and its variables against the SDL, by graphql-js itself; and the two headers that the API page asks for. */
export function checkSuperops(document: OpenApi): Check {
  const schema = buildSchema((document as { sdl?: string }).sdl!);
  return ({ body, headers, url }) => [
    ...questionProblems(body, schema),
    ...(url.search === "" ? [] : ["parameters in the address"]),
    ...(headers.get("content-type") === "application/json" ? [] : ["the body is not JSON"]),
    ...(headers.get("authorization")?.startsWith("Bearer ") ? [] : ["no bearer token"]),
    ...(headers.get("customersubdomain") ? [] : ["no CustomerSubDomain"]),
  ];
}

function questionProblems(body: string, schema: GraphQLSchema): string[] {
  const { query, variables, ...others } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
  const document = parse(query);
  const problems = validate(schema, document).map(({ message }) => message);
  if (problems.length > 0) return problems;
  const operation = getOperationAST(document)!;
  const given = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
  const declared = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  return [
    ...(given.errors ?? []).map(({ message }) => message),
    ...Object.keys(variables ?? {}).filter((name) => !declared.includes(name)),
    ...Object.keys(others),
  ];
}
