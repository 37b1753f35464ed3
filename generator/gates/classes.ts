import { endsOf } from "../build/classes.ts";
import type { OutputModel, Shape } from "../model/output.ts";
import { didYouMean } from "../model/problem.ts";
import type { ToolModel } from "../model/tool.ts";
import type { VendorYaml } from "../read/schema.ts";
import type { Gate } from "./vendor.ts";

/** That every name of `classes` is an output of some tool, and that a tool that reveals says what. */
export function checkClasses(tools: readonly ToolModel[], classes: VendorYaml["classes"], { problem }: Gate): void {
  for (const { key, access, classes: found, isWhole } of tools)
    if (access === "reveal" && isWhole && !found.secret)
      problem(["tools", key, "output"], "reveals nothing that looks like a secret", "name it under classes.secret");
  const known = new Set(tools.flatMap(({ output }) => pathsIn(output, "").flatMap(endsOf)));
  if (!tools.every(({ isWhole }) => isWhole)) return; // a tool that could not be built may have it
  for (const [dataClass, names] of Object.entries(classes ?? {}))
    for (const [index, name] of names.entries())
      if (!known.has(name))
        problem(["classes", dataClass, index], `"${name}" is in no tool's output`, didYouMean(name, known));
}

const pathsIn = (outputs: readonly OutputModel[], before: string): string[] =>
  outputs.flatMap(({ name, shape }) => [before + name, ...pathsBelow(shape, `${before}${name}.`)]);

function pathsBelow(shape: Shape, before: string): string[] {
  if (shape.kind === "object") return pathsIn(shape.fields, before);
  if (shape.kind === "totals" || shape.kind === "sum") return shape.by.map(({ name }) => `${before}by.${name}`);
  if (shape.kind !== "array") return [];
  return "length" in shape.item ? pathsIn(shape.item, before) : pathsBelow(shape.item, before);
}
