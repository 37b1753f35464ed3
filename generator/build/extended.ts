import { camel, words } from "../model/names.ts";
import { type OpenApi, operationsIn } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { Problem } from "../model/problem.ts";
import { operationKeys, toolKeys } from "../read/extended.ts";
import type { ExtendedYaml, OperationYaml, ToolYaml, VendorYaml } from "../read/schema.ts";
import type { Path, Source } from "../read/vendors.ts";
import { areasOf } from "./areas.ts";
import { contextOf } from "./context.ts";
import { type Given, inputsOf } from "./extended-input.ts";
import { outputOf } from "./extended-output.ts";
import { buildOperations } from "./operations.ts";
import { fieldNames, fieldOf, shapesOf, typeOf } from "./schemas.ts";

/**
 * Each line of `extended` as the operation and the tool that it stands for, written out in the same language: what follows
 * knows no difference, so that the same rules, gates and types hold for them.
 */
export function withExtended(source: Source, document: OpenApi, problems: Problem[]): Source {
  const { yaml } = source;
  if (!yaml.extended) return source;
  const operations: Record<string, OperationYaml> = {};
  const tools: Record<string, ToolYaml> = {};
  const keyOf = new Map<string, string>();
  for (const [key, entry] of Object.entries(yaml.extended)) {
    const own: ExtendedYaml = typeof entry === "string" ? { do: entry } : entry;
    const name = nameOf(key, yaml);
    keyOf.set(name, key);
    const problem = (path: Path, message: string, hint?: string) =>
      problems.push({ where: source.at(["extended", key, ...path]), message, ...(hint && { hint }) });
    if (Object.hasOwn(yaml.tools, key)) problem([], `"${key}" is a tool already`);
    else if (own.do.startsWith("PUT ") && !own.reason)
      problem(
        [],
        "a PUT clears what it is not given",
        "take a PATCH or POST, or give the reason why this one does not",
      );
    else {
      const operation = operationOf(name, own, source, document);
      operations[name] = operation.yaml;
      if (operation.model) tools[key] = toolOf(key, own, operation.model, { vendor: yaml, document, problem });
    }
  }
  const at = (path: Path) => source.at(placeOf(path, yaml, keyOf));
  return {
    ...source,
    at,
    yaml: { ...yaml, operations: { ...yaml.operations, ...operations }, tools: { ...yaml.tools, ...tools } },
  };
}

/** What is wrong with what was written out is wrong with the line. */
function placeOf(path: Path, { extended = {} }: VendorYaml, keyOf: ReadonlyMap<string, string>): Path {
  const [head, name = "", part, ...rest] = path;
  const key = head === "operations" ? keyOf.get(String(name)) : head === "tools" ? String(name) : undefined;
  if (key === undefined || !Object.hasOwn(extended, key)) return path;
  const isSaid = typeof extended[key] === "object" && part !== undefined && Object.hasOwn(extended[key], part);
  return ["extended", key, ...(isSaid ? [part, ...(part === "output" || part === "input" ? [] : rest)] : [])];
}

function nameOf(key: string, { operations }: VendorYaml): string {
  const name = camel(key);
  return Object.hasOwn(operations, name) ? `${name}Extended` : name;
}

const pick = (own: ExtendedYaml, keys: object) =>
  Object.fromEntries(Object.entries(own).filter(([key]) => Object.hasOwn(keys, key)));

/**
 * The operation with what it needs: short names, its list. Where it does not page or filter as the vendor usually does, it is
 * taken not to.
 */
function operationOf(
  name: string,
  own: ExtendedYaml,
  source: Source,
  document: OpenApi,
): { yaml: OperationYaml; model?: OperationModel } {
  const { items, ...said } = pick(own, operationKeys) as OperationYaml;
  const base: OperationYaml = { ...said, params: { ...shortNames(own.do, document), ...said.params } };
  if (Object.keys(base.params ?? {}).length === 0) delete base.params;
  const tried = (yaml: OperationYaml) => {
    const problems: Problem[] = [];
    const only = { ...source.yaml, operations: { [name]: yaml } };
    const context = contextOf({ ...source, yaml: only }, document, problems);
    buildOperations(only, context);
    return { yaml, model: context.operations.get(name), problems };
  };
  const first = tried(base);
  const found =
    items === "none" ? undefined : (items ?? (own.item || own.first ? undefined : listIn(first.model, document)));
  if (found === undefined) return kept(first);
  const list: OperationYaml = { ...base, items: found };
  const ways: OperationYaml[] = [
    list,
    ...(own.pages ? [] : [{ ...list, pages: "none" as const }]),
    ...(own.pages || own.filters ? [] : [{ ...list, pages: "none" as const, filters: "none" as const }]),
  ];
  const results = ways.map((yaml) => tried(yaml));
  return kept(results.find(({ problems }) => problems.length === 0) ?? results[0]!);

  function kept({ yaml, model }: ReturnType<typeof tried>) {
    return { yaml, ...(model && { model }) };
  }
}

/** `filter[name]` and `options.page` as names that people write. */
function shortNames(title: string, document: OpenApi): Record<string, string> {
  const found = new Map(operationsIn(document)).get(title);
  const names = (found?.parameters ?? []).map(({ name }) => name).filter((name) => !/^[a-zA-Z]\w*$/.test(name));
  return Object.fromEntries(names.map((name) => [camel(/\[(\w[^\]]*)\]$/.exec(name)?.[1] ?? name), name]));
}

/** Where the one list of an answer is; an answer with an id is one thing, whatever lists it has. */
function listIn(operation: OperationModel | undefined, document: OpenApi): string | undefined {
  if (!operation?.reads || !operation.answer.schema || operation.answer.flat) return;
  const shapes = shapesOf(operation.answer.schema, document);
  const holds = (name: string) =>
    (fieldOf(shapes, name, document)?.shapes ?? []).some(({ items }) =>
      items ? shapesOf(items, document).some((shape) => typeOf(shape) === "object") : false,
    );
  if (shapes.some((shape) => typeOf(shape) === "array")) return ".";
  const names = fieldNames(shapes);
  const [only, ...more] = names.filter(holds);
  const isOne = names.some((name) => ["id", "uid"].includes(words(name).at(-1) ?? ""));
  return more.length === 0 && !isOne ? only : undefined;
}

interface Place {
  readonly vendor: VendorYaml;
  readonly document: OpenApi;
  problem(path: Path, message: string, hint?: string): void;
}

function toolOf(key: string, own: ExtendedYaml, operation: OperationModel, place: Place): ToolYaml {
  const given = inputsOf(own, operation, place);
  const title = own.title ?? sentence(key);
  const [, ...nouns] = words(key);
  const called = camel(nouns.join("_")) || "answer";
  const taken = Object.hasOwn(given.input, called) || ["limit", "cursor", "done"].includes(called);
  const step = taken ? (operation.list ? "items" : "answer") : called;
  const kind = operation.list ? "list" : operation.reads ? "get" : "send";
  const { input, ...call } = given;
  return {
    ...(pick(own, toolKeys) as Partial<ToolYaml>),
    title: title.slice(0, 60),
    description: own.description ?? `${title}: one call of ${own.do}.`,
    access: own.access ?? accessOf(own, operation),
    tags: own.tags ?? areasOf(key),
    ...(Object.keys(input).length > 0 && { input }),
    steps: { [step]: { [kind]: operation.name, ...withoutEmpty(call) } },
    output: outputOf(step, own, operation, place),
  } as ToolYaml;

  function withoutEmpty(parts: Omit<Given, "input">) {
    return Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0));
  }
}

const sentence = (key: string) => {
  const text = words(key).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

function accessOf({ do: title }: ExtendedYaml, { reads, method, graphql }: OperationModel): ToolYaml["access"] {
  if (reads) return "read";
  const [verb] = words(graphql?.field ?? "");
  const deletes =
    method === "delete" || ["delete", "remove", "destroy"].includes(verb ?? "") || / \S*\/delete$/.test(title);
  return deletes ? "destroy" : "write";
}
