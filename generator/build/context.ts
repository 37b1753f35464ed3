import type { LabelModel } from "../model/label.ts";
import type { OpenApi } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import { didYouMean, type Problem } from "../model/problem.ts";
import type { VendorYaml } from "../read/schema.ts";
import type { Path, Source } from "../read/vendors.ts";

/** A document with a way back to its lines; of one across vendors there is less. */
export interface ContextSource extends Pick<Source, "at"> {
  readonly yaml: Partial<VendorYaml> & Pick<VendorYaml, "prefix" | "credentials" | "operations" | "tools">;
}

/** What every part of the building shares: the document, its lines, and where problems go. */
export interface Context {
  readonly source: ContextSource;
  readonly document: OpenApi;
  readonly operations: Map<string, OperationModel>;
  /** Ways to filter, as JSON, and the name that each has in client.ts. */
  readonly filters: Map<string, string>;
  readonly labels: Map<string, LabelModel>;
  problem(path: Path, message: string, hint?: string): void;
  /** `"devicUid" is not an input; did you mean "deviceUid"?` */
  unknown(path: Path, name: string, what: string, known: Iterable<string>): void;
  /** Fields of an operation's answer that something reads, as dotted paths in the body. */
  readonly selected: Map<OperationModel, Set<string>>;
}

export function contextOf(source: ContextSource, document: OpenApi, problems: Problem[]): Context {
  const problem = (path: Path, message: string, hint?: string) => {
    problems.push({ where: source.at(path), message, ...(hint && { hint }) });
  };
  return {
    source,
    document,
    operations: new Map(),
    filters: new Map(),
    labels: new Map(),
    selected: new Map(),
    problem,
    unknown(path, name, what, known) {
      const names = [...known];
      const few = names.length > 0 && names.length <= 12 ? `known: ${names.join(", ")}` : undefined;
      problem(path, `"${name}" is not ${what}`, didYouMean(name, names) ?? few);
    },
  };
}
