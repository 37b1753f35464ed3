import type { AcrossModel } from "../model/across.ts";
import type { Problem } from "../model/problem.ts";
import type { ToolModel } from "../model/tool.ts";
import type { VendorModel } from "../model/vendor.ts";
import type { AcrossSource, Path, Source } from "../read/vendors.ts";
import { checkAccess } from "./access.ts";
import { checkCache } from "./cache.ts";
import { checkClasses } from "./classes.ts";
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
export function checkVendor(model: VendorModel, source: Source): Checked {
  const { gate, checked } = openGate(source);
  checkNames(model, gate);
  checkCredentials(model, gate);
  checkTools(model.tools, source, gate);
  checkClasses(model.tools, source.yaml.classes, gate);
  checkCache(model.tools, gate);
  return checked;
}

export function checkAcross(model: AcrossModel, source: AcrossSource): Checked {
  const { gate, checked } = openGate(source);
  checkNames(model, gate);
  checkTools(model.tools, source, gate);
  return checked;
}

interface Checked {
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

function openGate({ at }: Pick<Source, "at">): { gate: Gate; checked: Checked } {
  const checked: Checked = { problems: [], warnings: [] };
  const note = (list: Problem[]) => (path: Path, message: string, hint?: string) => {
    list.push({ where: at(path), message, ...(hint && { hint }) });
  };
  return { gate: { problem: note(checked.problems), warning: note(checked.warnings) }, checked };
}

function checkTools(tools: readonly ToolModel[], source: Source | AcrossSource, gate: Gate) {
  for (const tool of tools) {
    checkAccess(tool, source.yaml.tools[tool.key]!, gate);
    // Without all of its steps, a tool's output was not read at all.
    if (tool.isWhole) checkOutput(tool, gate);
    checkWording(tool, gate);
  }
}
