import type { OperationModel, TypeAlias } from "./operation.ts";
import type { Reference } from "./reference.ts";

export type StepModel = {
  readonly name: string;
  readonly where: string;
  readonly choice: Choice;
  readonly when: readonly ConditionModel[];
  readonly each?: EachModel;
  /** The types of what it answers; several for a choice. */
  readonly aliases: readonly TypeAlias[];
  /** Something is read of it that only some of these types have. */
  readonly seen: { readonly partial: boolean };
  /** It may have no value: optional, or not always asked. */
  readonly maybe: boolean;
} & (
  | { readonly kind: "get"; readonly optional: boolean }
  | {
      readonly kind: "list";
      readonly optional: boolean;
      readonly limit: Value;
      readonly paged: boolean;
      readonly keep?: KeepModel;
    }
  | { readonly kind: "send" }
  | {
      readonly kind: "poll";
      readonly until: readonly ConditionModel[];
      readonly everyMs: number;
      readonly within: Value;
    }
  | {
      readonly kind: "lookup";
      readonly what: string;
      readonly by: Reference;
      readonly is: Value;
      readonly contains: boolean;
    }
);

export interface EachModel {
  readonly over: Reference;
  readonly atMost: Value;
}

export interface KeepModel {
  readonly conditions: readonly ConditionModel[];
  readonly scanPages?: number;
}

/** Which operation runs, decided by what is given or by a value. */
export type Choice =
  | { readonly kind: "call"; readonly call: CallModel }
  | {
      readonly kind: "given";
      readonly cases: readonly { readonly input: string; readonly choice: Choice }[];
      readonly else: Choice;
    }
  | {
      readonly kind: "by";
      readonly on: Reference;
      readonly cases: readonly { readonly value: string; readonly choice: Choice }[];
      readonly else: Choice;
    }
  /** Nothing is asked: the step is empty. */
  | { readonly kind: "none" }
  /** One of these inputs must be given. */
  | { readonly kind: "oneOf"; readonly inputs: readonly string[] }
  /** The value is an enum of which every value is a case. */
  | { readonly kind: "never" };

/** One call of a client method. */
export interface CallModel {
  readonly operation: OperationModel;
  readonly path: readonly Argument[];
  readonly query: readonly Argument[];
  readonly body?: BodyValue;
}

export interface Argument {
  readonly name: string;
  readonly value: Value;
  readonly required: boolean;
}

export type BodyValue =
  | { readonly kind: "whole"; readonly value: Value }
  | { readonly kind: "fields"; readonly fields: readonly BodyField[] };

export interface BodyField {
  readonly name: string;
  readonly required: boolean;
  readonly value: Value | BodyValue;
}

export type Value =
  | { readonly kind: "constant"; readonly value: unknown }
  | { readonly kind: "reference"; readonly reference: Reference }
  | { readonly kind: "now" }
  /** Later values over earlier ones. `ids`: in the first, `{ ids: [{ id }] }` is read where a list of ids is written. */
  | { readonly kind: "merge"; readonly values: readonly Reference[]; readonly ids?: string };

export interface ConditionModel {
  readonly subject: Reference;
  readonly test: Test;
  readonly wanted: Value;
}

export const tests = [
  "is",
  "not",
  "contains",
  "in",
  "missing",
  "olderThan",
  "within",
  "before",
  "after",
  "atLeast",
  "atMost",
  "given",
] as const;
/** `given` is the bare `when: $x`: true, or there at all. */
export type Test = (typeof tests)[number];
