import type { Problem } from "../model/problem.ts";
import type { VendorModel } from "../model/vendor.ts";
import type { Path, Source } from "../read/vendors.ts";
import { checkAccess } from "./access.ts";
import { checkCredentials } from "./credentials.ts";
import { checkNames } from "./names.ts";
import { checkOutput } from "./output.ts";
import { checkWording } from "./wording.ts";

/** What a gate says: a problem stops the run, a warning does not. */
export interface Gate {
  problem(path: Path, message: string, hint?: string): void;
  warning(path: Path, message: string, hint?: string): void;
}

/** Rules that a well-formed vendor may still break. Each has its own file. */
export function checkVendor(model: VendorModel, source: Source): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const note = (list: Problem[]) => (path: Path, message: string, hint?: string) => {
    list.push({ where: source.at(path), message, ...(hint && { hint }) });
  };
  const gate: Gate = { problem: note(problems), warning: note(warnings) };
  checkNames(model, gate);
  checkCredentials(model, gate);
  for (const tool of model.tools) {
    checkAccess(tool, source.yaml.tools[tool.key]!, gate);
    // Without all of its steps, a tool's output was not read at all.
    if (tool.steps.length === Object.keys(source.yaml.tools[tool.key]!.steps).length) checkOutput(tool, gate);
    checkWording(tool, gate);
  }
  return { problems, warnings };
}
