import type { OutputModel, Shape } from "../model/output.ts";
import { didYouMean } from "../model/problem.ts";
import type { ToolModel } from "../model/tool.ts";
import type { Gate } from "./vendor.ts";

const NAME = /^[a-z][a-zA-Z0-9_]*$/;

/** Names and secrets in what a tool answers, and that `redact` names something. */
export function checkOutput(tool: ToolModel, { problem }: Gate): void {
  const at = ["tools", tool.key, "output"];
  const paths = new Set<string>();
  const secrets = new Set(tool.inputs.filter(({ secret }) => secret).map(({ name }) => name));
  const visit = (outputs: readonly OutputModel[], before: string, place: readonly string[]): void => {
    const seen = new Set<string>();
    for (const { name, shape } of outputs) {
      const here = [...place, shape.kind === "array" ? `${name}[]` : name];
      if (!NAME.test(name)) problem(here, `"${name}" is not a name such as lastSeen`);
      if (seen.has(name))
        problem(here, `"${name}" is there twice`, "truncated, next_cursor and coverage come by themselves");
      seen.add(name);
      paths.add(before + name);
      if ("value" in shape && echoes(shape, secrets)) problem(here, "answers a secret input");
      if (shape.kind === "object") visit(shape.fields, `${before}${name}.`, here);
      if (shape.kind === "array" && "length" in shape.item) visit(shape.item, `${before}${name}.`, here);
    }
  };
  visit(tool.output, "", at);
  if (tool.output.length === 0) problem(at, "answers nothing: name at least one field");
  tool.redact.forEach((path, index) => {
    const hint = didYouMean(path, paths);
    if (!paths.has(path)) problem(["tools", tool.key, "redact", String(index)], `"${path}" is not in the output`, hint);
  });
}

function echoes(shape: Shape, secrets: ReadonlySet<string>): boolean {
  if (shape.kind !== "scalar" && shape.kind !== "scalars" && shape.kind !== "open") return false;
  const { root } = shape.value;
  return root.kind === "input" && secrets.has(root.name);
}
