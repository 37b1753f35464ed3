import type { z } from "zod";
import type { Access, JsonSchema } from "./contract.ts";
import { type Definition, type Tool, toolFor } from "./tool.ts";

/** What a tool across vendors asks of one of them. */
interface Part {
  readonly vendor: string;
  readonly access: Access;
}

/** A tool that is given the clients of the vendors that the person has connected, by slug, and leaves out the others. */
export interface AcrossTool extends Tool {
  readonly parts: readonly Part[];
}

/** Tools across vendors as generated. They have no credentials of their own: each part uses the person's connection. */
export interface Across {
  readonly slug: string;
  readonly prefix: string;
  readonly title: string;
  readonly tools: readonly AcrossTool[];
  readonly schemas: Readonly<Record<string, { readonly input: JsonSchema; readonly output: JsonSchema }>>;
}

/** As `toolFor`, for the clients of several vendors. */
export const acrossFor =
  <Clients>() =>
  <Input extends z.ZodObject, Output extends z.ZodObject>(
    definition: Definition<Clients, Input, Output> & { readonly parts: readonly Part[] },
  ): AcrossTool =>
    toolFor<Clients>()(definition) as unknown as AcrossTool; // the gateway hands over whatever clients there are

export const defineAcross = (set: Across): Across => set;

/** The titles of the vendors whose client is missing. */
export const notConnected = (clients: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(clients).filter((title) => clients[title] === undefined);
