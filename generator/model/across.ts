import type { ToolModel } from "./tool.ts";

/** A set of tools across vendors. */
export interface AcrossModel {
  readonly slug: string;
  readonly prefix: string;
  readonly title: string;
  readonly where: string;
  /** Field names that are secret at any of the vendors. */
  readonly secrets: readonly string[];
  readonly tools: readonly AcrossToolModel[];
}

export interface AcrossToolModel extends ToolModel {
  readonly parts: readonly { readonly vendor: string; readonly title: string; readonly access: ToolModel["access"] }[];
}

/** The name that tools across vendors give something of a vendor's client.ts, and what it is called there. */
export interface Borrowed {
  readonly vendor: string;
  readonly name: string;
  readonly as: string;
}
