import { pascal } from "../model/names.ts";
import { referenced } from "../model/openapi.ts";
import type { From, OutputModel } from "../model/output.ts";
import type { ConditionYaml, OutputYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { buildConditions } from "./conditions.ts";
import { buildField } from "./leaves.ts";
import { isLeaf, isMap, type OutputMap, type OutputScope, read, within } from "./output-scope.ts";
import { type Resolved, resolve, type StepScope } from "./reference.ts";
import { shapesOf } from "./schemas.ts";
import { buildSummary, isSummary } from "./summaries.ts";
import { elementOf, type Thing } from "./thing.ts";

/** The declared outputs of a tool. Coverage, truncated and the like are added by build/tool.ts. */
export function buildOutput(yaml: OutputMap, at: Path, scope: OutputScope): OutputModel[] {
  return Object.entries(yaml).flatMap(([key, entry]): OutputModel | OutputModel[] => {
    const here = [...at, key];
    if (key === "done" && entry === "steps") return { name: "done", required: true, shape: { kind: "sends" } };
    if (key === "coverage") return [];
    if (isMap(entry) && isSummary(entry)) return buildSummary(key, entry, here, scope) ?? [];
    const name = key.replace(/\[\]$/, "");
    const step = scope.steps.get(name);
    if (key.endsWith("[]")) return buildArray(name, entry, here, scope, step) ?? [];
    if (isMap(entry) && !isLeaf(entry)) return buildObject(name, entry, here, scope, step) ?? [];
    return buildField(key, entry, here, scope) ?? [];
  });
}

function buildObject(
  name: string,
  yaml: OutputMap,
  at: Path,
  scope: OutputScope,
  step?: StepScope,
): OutputModel | undefined {
  const { $from, ...fields } = yaml;
  const found =
    $from !== undefined ? read(String($from), [...at, "$from"], scope) : step && resolve(`$${step.name}`, at, scope);
  if ($from !== undefined && !found) return;
  if (!found) {
    const inner = fieldsOf(fields, at, scope);
    return { name, required: inner.some((field) => field.required), shape: { kind: "object", fields: inner } };
  }
  if (!found.thing || found.step?.kind === "list" || found.step?.kind === "rows") {
    scope.context.problem(at, `${$from ?? `$${name}`} is a list: write ${name}[]`);
    return;
  }
  const poll = found.step?.kind === "poll";
  const inner = fieldsOf(fields, at, within(scope, found.thing));
  const reference = poll
    ? { ...found.reference, path: [{ name: "answer", optional: found.reference.maybe }], maybe: true }
    : found.reference;
  return {
    name,
    required: !reference.maybe,
    shape: { kind: "object", from: fromOf(reference, found.thing), fields: inner },
  };
}

function buildArray(
  name: string,
  yaml: OutputYaml,
  at: Path,
  scope: OutputScope,
  step?: StepScope,
): OutputModel | undefined {
  const { $from: source, $keep, $last, ...rest }: OutputMap = isMap(yaml) ? yaml : { value: yaml };
  const found =
    source !== undefined
      ? read(String(source), [...at, "$from"], scope)
      : step
        ? resolve(`$${step.name}`, at, scope)
        : read(name, at, scope);
  if (!found) return;
  const isStep = found.step?.kind === "list" || found.step?.kind === "rows";
  const element = isStep ? found.thing : found.thing && elementOf(found.thing, scope.context);
  if (!element) {
    scope.context.problem(at, `${source ?? name} is no list`, "leave out the []");
    return;
  }
  const inside = within(scope, element, isStep ? found.step : undefined);
  const keep =
    $keep === undefined
      ? []
      : buildConditions($keep as Readonly<Record<string, ConditionYaml>>, [...at, "$keep"], inside);
  const item = isLeaf(rest) ? buildField(name, rest, at, inside)?.shape : fieldsOf(rest, at, inside);
  if (!item) return;
  if ($last !== undefined && !(Number.isInteger($last) && Number($last) > 0))
    scope.context.problem([...at, "$last"], "expected a whole number above 0");
  const last = $last === undefined ? {} : { last: Number($last) };
  const required = isStep ? !found.step!.maybe : scope.here === undefined && !found.reference.maybe;
  return {
    name,
    required,
    shape: { kind: "array", from: fromOf(found.reference, nameShared(element, found, scope)), keep, ...last, item },
  };
}

/** An element that is a shared schema has that schema's name. */
function nameShared(element: Thing, found: Resolved, scope: OutputScope): Thing {
  if (element.aliases.length > 0 || found.step) return element;
  const items = found.reference.schemas.flatMap((schema) => (schema.items ? [schema.items] : []));
  const name = items.length === 1 ? referenced(items[0]!) : undefined;
  if (name === undefined || shapesOf(items[0]!, scope.context.document).length !== 1) return element;
  return { ...element, aliases: [{ name: pascal(name), type: `components["schemas"][${JSON.stringify(name)}]` }] };
}

const fromOf = (value: Resolved["reference"], { aliases, seen }: Thing): From => ({ value, aliases, seen });

function fieldsOf(yaml: OutputMap, at: Path, scope: OutputScope): OutputModel[] {
  return Object.entries(yaml).flatMap(([key, entry]) => {
    const here = [...at, key];
    if (key.endsWith("[]")) return buildArray(key.slice(0, -2), entry, here, scope) ?? [];
    if (isMap(entry) && !isLeaf(entry)) return buildObject(key, entry, here, scope) ?? [];
    return buildField(key, entry, here, scope) ?? [];
  });
}
