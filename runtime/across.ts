import type { Access, JsonSchema } from "./contract.ts";
import type { Tool } from "./tool.ts";

/** The clients of the vendors that the person has connected, by slug; the others are missing. */
export type Clients = Readonly<Record<string, unknown>>;

/** A tool that asks several vendors, and leaves out those that are not connected. */
export interface AcrossTool<Some extends Clients = Clients> extends Tool<Some> {
  /** What it asks of each vendor. */
  readonly parts: readonly { readonly vendor: string; readonly access: Access }[];
}

/** Tools across vendors as generated. They have no credentials of their own: each part uses the person's connection. */
export interface Across {
  readonly slug: string;
  readonly prefix: string;
  readonly title: string;
  readonly tools: readonly AcrossTool[];
  readonly schemas: Readonly<Record<string, { readonly input: JsonSchema; readonly output: JsonSchema }>>;
}
