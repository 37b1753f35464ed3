import type { StepModel } from "../model/step.ts";
import type { ToolModel } from "../model/tool.ts";
import type { ToolYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { labelledSteps, withTargets } from "./labelled.ts";
import { buildField } from "./leaves.ts";
import type { OutputMap } from "./output-scope.ts";
import type { Scope } from "./reference.ts";
import { buildStep } from "./steps.ts";

/** What the record is called that is read: `$now`. */
const NAME = "now";

/** How it is now what a call would change: one read, whose fields are called after the inputs that change them. */
export function buildBefore(
  { before: yaml, access = "read" }: ToolYaml,
  tool: Path,
  { inputs, context }: Pick<Scope, "inputs" | "context">,
): ToolModel["before"] {
  if (!yaml) return;
  const at = [...tool, "before"];
  if (!isAllowed(access, at, context)) return;
  const operation = context.operations.get(yaml.get);
  if (!operation) {
    if (!Object.hasOwn(context.source.yaml.operations, yaml.get))
      context.unknown([...at, "get"], yaml.get, "an operation", context.operations.keys());
    return;
  }
  if (operation.list || !operation.reads) {
    const what = operation.reads ? "answers items" : "changes something";
    context.problem([...at, "get"], `${yaml.get} ${what}`, "take an operation that reads one thing");
    return;
  }
  if (inputs.has(NAME)) {
    context.problem([...tool, "input", NAME], `is what the record of before is called: $${NAME} could mean either`);
    return;
  }
  const needs = neededInputs(yaml.with ?? {}, [...at, "with"], { inputs, context });
  const scope: Scope = { context, inputs, steps: new Map(), given: new Set(needs) };
  const step = { get: yaml.get, ...(yaml.with && { with: yaml.with }) };
  const built = buildStep(NAME, step, at, scope, { paged: false, isAmongSends: false });
  if (!built) return;
  const known: Scope = { ...scope, steps: new Map([[NAME, built.scope]]) };
  const labelled = labelledSteps([], tool, known);
  const outputScope = { ...known, labels: labelled.use, reveals: false, secrets: context.source.yaml.secrets ?? [] };
  const fields = (["shows", "names"] as const).flatMap((key) =>
    Object.entries(yaml[key] ?? {}).flatMap(([name, leaf]) => {
      const here = [...at, key, name];
      checkName(key, name, here, { inputs, context });
      return buildField(name, leaf as string | OutputMap, here, outputScope) ?? [];
    }),
  );
  if (!yaml.shows && !yaml.names) context.problem(at, "shows nothing", "say shows or names");
  return { needs, steps: withTargets([built.model, ...labelled.used()]), output: fields };
}

function checkName(
  key: "shows" | "names",
  name: string,
  at: Path,
  { inputs, context }: Pick<Scope, "inputs" | "context">,
): void {
  const input = inputs.get(name);
  if (key === "names" && input) context.problem(at, `"${name}" is an input`, "say under shows how it is now");
  if (key === "shows" && !input) context.unknown(at, name, "an input", inputs.keys());
  if (input?.secret) context.problem(at, `${name} is a secret: it is not shown`, "leave it out");
}

function isAllowed(access: NonNullable<ToolYaml["access"]>, at: Path, { source, problem }: Context): boolean {
  if (source.yaml.spec === undefined) problem(at, "is for the tools of one vendor", "drop it");
  else if (access === "read" || access === "reveal")
    problem(at, "shows how it is now what a tool changes, and this one changes nothing", "drop it");
  else return true;
  return false;
}

/** Optional inputs without which there is nothing to read: what is made anew was not there before. */
function neededInputs(given: object, at: Path, { inputs, context }: Pick<Scope, "inputs" | "context">): string[] {
  const names = new Set([...JSON.stringify(given).matchAll(/"\$(?!\$)(\w+)/g)].map(([, name = ""]) => name));
  const found = [...names].flatMap((name) => inputs.get(name) ?? []);
  for (const { name, label } of found)
    if (label) context.problem(at, `$${name} is what people call it`, "give an input that is the vendor's own id");
  return found.filter(({ presence }) => presence === "optional").map(({ name }) => name);
}

/** Every step of a tool, those of its look beforehand among them. */
export const stepsOf = ({ steps, before }: ToolModel): readonly StepModel[] => [...steps, ...(before?.steps ?? [])];
