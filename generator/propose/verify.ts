import { shapesOf } from "../build/schemas.ts";
import type { OpenApi, Operation, Schema } from "../model/openapi.ts";
import { operationsIn } from "../model/openapi.ts";
import type { OperationYaml } from "../read/schema.ts";
import { scalarOf } from "./answers.ts";
import { answerOf } from "./facts.ts";
import type { Route } from "./routes.ts";

/** Reads that answer who is asking, or that all is well, by the end of their path. */
const TELLING =
  /\/(me|self|whoami|account|accounts\/(me|self)|users?\/(me|self|current)|current_?user|profile|user|ping|status|health|info|verify|version)$/i;

/** Reads that might tell whether keys are good, the most telling first; few, because each is looked at. */
export function verifyRoutes(routes: readonly Route[]): Route[] {
  const reads = routes.filter(({ method }) => method === "get");
  const short = (route: Route) => route.path.length;
  const telling = reads.filter(({ path }) => TELLING.test(path) && !path.includes("{"));
  const plain = reads.filter(({ path }) => !path.includes("{"));
  const byLength = (list: Route[]) => list.sort((a, b) => short(a) - short(b) || (a.path < b.path ? -1 : 1));
  return [...new Set([...byLength(telling).slice(0, 4), ...byLength(plain).slice(0, 8)])];
}

interface Verify {
  readonly verify: string;
  /** An operation that has to say more than its route. */
  readonly operation?: readonly [name: string, OperationYaml];
  readonly reviews: readonly string[];
}

/** The first that can be called with nothing; else one with a placeholder, for somebody to fill in. */
export function verifyOf(
  candidates: readonly string[],
  document: OpenApi,
  constants: ReadonlyMap<string, string>,
): Verify {
  const described = new Map(operationsIn(document));
  const needs = (operation: Operation) =>
    (operation.parameters ?? []).filter((each) => each.required && each.in !== "header");
  const known = candidates.filter((title) => {
    const operation = title.startsWith("GET ") ? described.get(title) : undefined;
    const isPlain = operation && needs(operation).every(({ schema }) => scalarOf(shapesOf(schema, document)));
    return isPlain && !operation.requestBody && answerOf(operation);
  });
  const free = known.find((title) => needs(described.get(title)!).every(({ name }) => constants.has(name)));
  const title = free ?? [...known].sort((a, b) => needs(described.get(a)!).length - needs(described.get(b)!).length)[0];
  if (!title) return { verify: "none", reviews: ["the description has no read that could tell whether keys are good"] };
  const wanted = needs(described.get(title)!);
  if (wanted.length === 0)
    return { verify: title, reviews: free === candidates[0] ? [] : ["does this answer to good keys only?"] };
  const always = Object.fromEntries(
    wanted.map(({ name, schema }) => [name, constants.get(name) ?? placeholder(schema, document)]),
  );
  const reviews = free
    ? []
    : [
        "nothing can be asked without arguments: put values here that everybody has, or that lead to nothing but are allowed",
      ];
  return { verify: "verifyKeys", operation: ["verifyKeys", { do: title, always }], reviews };
}

function placeholder(schema: Schema, document: OpenApi): string | number | boolean {
  const [shape] = shapesOf(schema, document);
  const given = shape?.enum?.find((value) => typeof value === "string" || typeof value === "number");
  if (typeof given === "string" || typeof given === "number") return given;
  if (scalarOf(shapesOf(schema, document)) === "boolean") return true;
  return scalarOf(shapesOf(schema, document)) === "number" ? 1 : "me";
}
