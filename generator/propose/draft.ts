import type { OperationYaml, PagesYaml, ToolYaml } from "../read/schema.ts";

/** A proposed YAML document, as data and the remarks that go above its keys. */
export interface Draft {
  readonly head: Readonly<Record<string, unknown>>;
  readonly pages?: PagesYaml;
  readonly operations: ReadonlyMap<string, OperationYaml>;
  readonly tools: ReadonlyMap<string, ToolYaml>;
  readonly reviews: readonly Review[];
}

/** A guess that somebody should look at, and the path of the key it stands above. */
export interface Review {
  readonly path: readonly string[];
  readonly text: string;
}

/** A tool with the operation it calls, before it is known whether the generator takes it. */
export interface Proposed {
  readonly key: string;
  readonly tool: ToolYaml;
  readonly operationName: string;
  readonly operation: OperationYaml;
  readonly reviews: readonly string[];
}

/** The reason why something is no tool. */
export type Refused = { readonly reason: string };

export const isRefused = (value: object): value is Refused => "reason" in value;
