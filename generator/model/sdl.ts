import { isObject, type JsonObject } from "./json.ts";

/**
 * A GraphQL description as plain data, without its prose: overlays can correct it, and it is what is cut and printed.
 * Types of fields are written as in SDL, `[Ticket!]!`.
 */
export interface Sdl {
  readonly sdl: 1;
  readonly title: string;
  readonly types: Readonly<Record<string, SdlType>>;
}

export type SdlType =
  | {
      readonly kind: "type" | "interface" | "input";
      readonly implements?: readonly string[];
      readonly fields: Readonly<Record<string, SdlField>>;
    }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "union"; readonly members: readonly string[] }
  | { readonly kind: "scalar" };

/** Its type; with arguments, or for an input a default, a map that says them too. */
export type SdlField =
  | string
  | { readonly type: string; readonly args?: Readonly<Record<string, SdlField>>; readonly default?: string };

/** The two kinds of operations, by the type that holds their fields. */
export const ROOTS = { Query: "query", Mutation: "mutation" } as const;
export type Root = keyof typeof ROOTS;
export const roots = Object.keys(ROOTS) as Root[];

export const isSdl = (document: JsonObject): boolean => document["sdl"] === 1 && isObject(document["types"]);

export const typeTextOf = (field: SdlField): string => (typeof field === "string" ? field : field.type);
export const argsOf = (field: SdlField): readonly (readonly [string, SdlField])[] =>
  typeof field === "string" ? [] : Object.entries(field.args ?? {});
export const namedType = (typeText: string): string => typeText.replaceAll(/[[\]!]/g, "");

/** Must be given: not null, and nothing stands in for it. */
export const isRequired = (field: SdlField): boolean =>
  typeTextOf(field).endsWith("!") && (typeof field === "string" || field.default === undefined);

/** `getTickets` of `Query` as `query getTickets`. */
export const titleOfField = (root: Root, name: string): string => `${ROOTS[root]} ${name}`;
