import type { Access, JsonSchema } from "../../runtime/index.ts";
import type { ToolDefinition } from "./catalog.ts";

/** What is kept of a tool between revisions: `tools/list` as a client sees it, and the access it needs. */
export interface ToolSnapshot {
  readonly access: Access;
  readonly tool: ToolDefinition;
}

/** One difference that a client could notice. Breaking means: a call or a reader that worked before may fail now. */
export interface Change {
  readonly tool: string;
  readonly breaks: boolean;
  readonly what: string;
}

type Snapshots = ReadonlyMap<string, ToolSnapshot>;

export function toolChanges(before: Snapshots, after: Snapshots): Change[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (!old) return { tool: name, breaks: false, what: "is new" };
    if (!now) return { tool: name, breaks: true, what: "is gone" };
    return differences(old, now).map((difference) => ({ tool: name, ...difference }));
  });
}

type Difference = Omit<Change, "tool">;

const breaks = (what: string): Difference => ({ breaks: true, what });
const fine = (what: string): Difference => ({ breaks: false, what });

function differences(
  { access, tool: old }: ToolSnapshot,
  { access: accessNow, tool: now }: ToolSnapshot,
): Difference[] {
  const found: Difference[] = [];
  if (access !== accessNow) {
    const lowered = accessNow === "read" || (access === "destroy" && accessNow === "write");
    found.push((lowered ? fine : breaks)(`access was ${access}, is ${accessNow}`));
  }
  for (const part of ["title", "description"] as const)
    if (old[part] !== now[part]) found.push(fine(`${part} changed`));
  if (!equal(old.annotations, now.annotations)) found.push(fine("annotations changed"));
  found.push(...inputChanges("input", old.inputSchema, now.inputSchema));
  found.push(...outputChanges("output", old.outputSchema, now.outputSchema));
  return found;
}

/** An input may accept more than before, never less. */
function inputChanges(at: string, old: JsonSchema, now: JsonSchema): Difference[] {
  const found: Difference[] = [];
  if (old["type"] !== now["type"]) {
    const wider = old["type"] === "integer" && now["type"] === "number";
    found.push((wider ? fine : breaks)(`${at}: type was ${old["type"]}, is ${now["type"]}`));
  }
  found.push(...choiceChanges(at, old, now), ...boundChanges(at, old, now));
  if (!equal(old["default"], now["default"])) found.push(fine(`${at}: default changed`));
  if (old["description"] !== now["description"]) found.push(fine(`${at}: description changed`));
  if (old["additionalProperties"] !== false && now["additionalProperties"] === false && old["type"] === "object")
    found.push(breaks(`${at}: takes no other properties any more`));

  const [fieldsBefore, fields] = [propertiesOf(old), propertiesOf(now)];
  for (const name of namesOf(fieldsBefore, fields)) {
    const [was, is] = [fieldsBefore[name], fields[name]];
    const path = `${at}.${name}`;
    const newlyRequired = requiredOf(now).has(name) && !requiredOf(old).has(name);
    if (!is) found.push(breaks(`${path}: is gone`));
    else if (newlyRequired) found.push(breaks(`${path}: is required now`));
    else if (!was) found.push(fine(`${path}: is new and optional`));
    if (was && is) found.push(...inputChanges(path, was, is));
  }
  return [...found, ...itemChanges(at, old, now, inputChanges)];
}

/** An output may say more than before, never less. */
function outputChanges(at: string, old: JsonSchema, now: JsonSchema): Difference[] {
  const found: Difference[] = [];
  if (old["type"] !== now["type"]) {
    const narrower = old["type"] === "number" && now["type"] === "integer";
    found.push((narrower ? fine : breaks)(`${at}: type was ${old["type"]}, is ${now["type"]}`));
  }
  const added = listOf(now["enum"]).filter((value) => !listOf(old["enum"]).includes(value));
  if (old["enum"] && added.length > 0) found.push(fine(`${at}: may also be ${added.join(", ")}`));
  if (old["description"] !== now["description"]) found.push(fine(`${at}: description changed`));

  const [fieldsBefore, fields] = [propertiesOf(old), propertiesOf(now)];
  for (const name of namesOf(fieldsBefore, fields)) {
    const [was, is] = [fieldsBefore[name], fields[name]];
    const path = `${at}.${name}`;
    if (!is) found.push(breaks(`${path}: is gone`));
    else if (!was) found.push(fine(`${path}: is new`));
    else if (requiredOf(old).has(name) && !requiredOf(now).has(name)) found.push(breaks(`${path}: may be missing now`));
    if (was && is) found.push(...outputChanges(path, was, is));
  }
  return [...found, ...itemChanges(at, old, now, outputChanges)];
}

function itemChanges(at: string, old: JsonSchema, now: JsonSchema, compare: typeof inputChanges): Difference[] {
  const [was, is] = [old["items"], now["items"]];
  return was && is ? compare(`${at}[]`, was as JsonSchema, is as JsonSchema) : []; // tools have no tuple schemas
}

function choiceChanges(at: string, old: JsonSchema, now: JsonSchema): Difference[] {
  if (!now["enum"]) return old["enum"] ? [fine(`${at}: takes any value now`)] : [];
  if (!old["enum"]) return [breaks(`${at}: takes only ${listOf(now["enum"]).join(", ")} now`)];
  const gone = listOf(old["enum"]).filter((value) => !listOf(now["enum"]).includes(value));
  const added = listOf(now["enum"]).filter((value) => !listOf(old["enum"]).includes(value));
  return [
    ...(gone.length > 0 ? [breaks(`${at}: takes ${gone.join(", ")} no more`)] : []),
    ...(added.length > 0 ? [fine(`${at}: takes ${added.join(", ")} as well`)] : []),
  ];
}

const LOWEST = ["minimum", "exclusiveMinimum", "minLength", "minItems"];
const HIGHEST = ["maximum", "exclusiveMaximum", "maxLength", "maxItems"];
const SHAPES = ["pattern", "format", "multipleOf", "uniqueItems", "const"];

function boundChanges(at: string, old: JsonSchema, now: JsonSchema): Difference[] {
  return [...LOWEST, ...HIGHEST, ...SHAPES].flatMap((bound) => {
    const [was, is] = [old[bound], now[bound]];
    if (equal(was, is)) return [];
    const what = `${at}: ${bound} was ${was ?? "not set"}, is ${is ?? "not set"}`;
    if (is === undefined) return fine(what);
    const wider =
      (LOWEST.includes(bound) && Number(is) < Number(was)) || (HIGHEST.includes(bound) && Number(is) > Number(was));
    return wider ? fine(what) : breaks(what);
  });
}

const propertiesOf = (schema: JsonSchema) => (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
const requiredOf = (schema: JsonSchema) => new Set(listOf(schema["required"]));
const listOf = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
const namesOf = (...records: object[]) => [...new Set(records.flatMap(Object.keys))].sort();
const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
