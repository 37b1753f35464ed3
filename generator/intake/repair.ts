import { arrayOf, isObject, type Json, type JsonObject, objectOf } from "../model/json.ts";
import { methods } from "../model/openapi.ts";
import { expired, type Overlaid } from "./overlay.ts";

/** A slip that a document makes many times over, put right by name; `x-repairs` of an overlay lists the ones it needs. */
type Repair = (operation: JsonObject, options: JsonObject) => JsonObject;

const repairs: Readonly<Record<string, Repair>> = {
  /** The answer of a success is described under `default`. */
  defaultIsSuccess: (operation) => moveToSuccess(operation, ["default"]),

  /** The answer of a success is described under an error. */
  errorIsSuccess: (operation) =>
    moveToSuccess(
      operation,
      Object.keys(objectOf(operation.responses)).filter((status) => /^4/.test(status)),
    ),

  /** Parameters that carry credentials or are not for callers: `names`. */
  dropParameters: (operation, { names }) => {
    const dropped = new Set(arrayOf(names));
    return overParameters(operation, (parameter) => (dropped.has(parameter.name as Json) ? [] : [parameter]));
  },

  /** Parameters whose name differs on the wire: `names` is old name → real name. */
  renameParameters: (operation, { names }) => {
    const renamed = objectOf(names);
    return overParameters(operation, (parameter) => {
      const name = typeof parameter.name === "string" ? renamed[parameter.name] : undefined;
      return [name === undefined ? parameter : { ...parameter, name }];
    });
  },
};

/** Applies the declared repairs, each with a reason, to all operations or to those it names; one that changes nothing is a problem. */
export function applyRepairs(source: JsonObject, declared: Json | undefined, name: string): Overlaid {
  const problems: Overlaid["problems"][number][] = [];
  const used: string[] = [];
  let document = source;
  for (const [index, each] of arrayOf(declared).entries()) {
    const where = `${name} x-repairs.${index}`;
    const options = objectOf(each);
    const over = expired(options, source);
    if (over) problems.push({ where, ...over });
    const repair = Object.hasOwn(repairs, String(options.repair)) ? repairs[String(options.repair)] : undefined;
    if (!repair) problems.push({ where, message: `expected a repair: one of ${Object.keys(repairs).join(", ")}` });
    else if (typeof options.description !== "string")
      problems.push({ where, message: "expected a description: the reason" });
    else {
      const { changed, result } = overOperations(document, options, repair);
      if (changed === 0)
        problems.push({
          where,
          message: `${options.repair} finds nothing to repair`,
          hint: "corrected by the vendor? then drop it",
        });
      document = result;
      used.push(`${options.repair} (${changed}): ${options.description}`);
    }
  }
  return { document, used, problems };
}

function overOperations(document: JsonObject, options: JsonObject, repair: Repair) {
  const only = options.operations === undefined ? undefined : new Set(arrayOf(options.operations));
  let changed = 0;
  const paths = Object.entries(objectOf(document.paths)).map(([path, item]) => {
    if (!isObject(item)) return [path, item] as const;
    const operations = Object.entries(item).map(([key, operation]) => {
      const isOperation = (methods as readonly string[]).includes(key) && isObject(operation);
      if (!isOperation || (only && !only.has(`${key.toUpperCase()} ${path}`))) return [key, operation] as const;
      const repaired = repair(operation, options);
      if (repaired !== operation) changed++;
      return [key, repaired] as const;
    });
    return [path, Object.fromEntries(operations)] as const;
  });
  return { changed, result: { ...document, paths: Object.fromEntries(paths) } };
}

function moveToSuccess(operation: JsonObject, statuses: readonly string[]): JsonObject {
  const responses = objectOf(operation.responses);
  if (Object.keys(responses).some((status) => status.startsWith("2"))) return operation;
  const from = statuses.find((status) => isObject(objectOf(responses[status]).content));
  if (!from) return operation;
  const moved = JSON.stringify(objectOf(responses[from]).content);
  const errors = Object.entries(responses).filter(
    ([status, value]) => status !== from && JSON.stringify(objectOf(value).content) !== moved,
  );
  return { ...operation, responses: Object.fromEntries([...errors, ["200", responses[from] as Json]]) };
}

function overParameters(operation: JsonObject, over: (parameter: JsonObject) => readonly JsonObject[]): JsonObject {
  const before = arrayOf(operation.parameters);
  const after = before.flatMap((parameter): readonly Json[] => (isObject(parameter) ? over(parameter) : [parameter]));
  const same = after.length === before.length && after.every((parameter, index) => parameter === before[index]);
  return same ? operation : { ...operation, parameters: after };
}
