import type { ConditionModel } from "../model/step.ts";
import type { ToolModel } from "../model/tool.ts";
import type { ToolYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { buildConditions, givenCondition } from "./conditions.ts";
import { resolve, type Scope } from "./reference.ts";

/** What a person is asked before a call, and for which calls; only inputs are known then. */
export function buildConfirm(
  { confirm, access = "read" }: ToolYaml,
  tool: Path,
  { inputs, context }: Scope,
): ToolModel["confirm"] {
  if (!confirm) return;
  const at = [...tool, "confirm"];
  const { ask, when: yaml } = confirm;
  if (access === "read") context.problem(at, "asks a person about a tool that changes nothing", "drop it");
  for (const [, name = ""] of ask.matchAll(/\{([^}]*)\}/g)) {
    const input = inputs.get(name);
    if (!input) context.unknown([...at, "ask"], name, "an input", inputs.keys());
    else if (input.secret) context.problem([...at, "ask"], `{${name}} is a secret: it is not shown`);
  }
  const scope: Scope = { context, inputs, steps: new Map(), given: new Set() };
  if (yaml === undefined) return { ask, when: [] };
  const when = conditions(yaml, [...at, "when"], scope);
  if (when.some(({ test }) => test === "olderThan" || test === "within" || test === "dueIn"))
    context.problem([...at, "when"], "cannot tell the time: compare with something that is given");
  return { ask, when };
}

function conditions(
  yaml: NonNullable<NonNullable<ToolYaml["confirm"]>["when"]>,
  at: Path,
  scope: Scope,
): ConditionModel[] {
  if (typeof yaml !== "string") return buildConditions(yaml, at, scope);
  const found = resolve(yaml, at, scope);
  return found ? [givenCondition(found)] : [];
}
