import type { FieldCondition, FilterModel } from "./filter.ts";
import type { LabelModel } from "./label.ts";
import type { OperationModel, TypeAlias } from "./operation.ts";
import type { Reference } from "./reference.ts";

/** Whether it may fail: never, always, or only when there is nothing. */
export type Optional = boolean | "missing";

export type StepModel = {
  readonly name: string;
  readonly where: string;
  readonly choice: Choice;
  /** In a tool across vendors: whom it asks. Skipped when that vendor is not connected. */
  readonly vendor?: string;
  readonly when: readonly ConditionModel[];
  readonly each?: EachModel;
  /** The types of what it answers; several for a choice. */
  readonly aliases: readonly TypeAlias[];
  /** Something is read of it that only some of these types have. */
  readonly seen: { readonly partial: boolean };
  /** It may have no value: optional, or not always asked. */
  readonly maybe: boolean;
} /** `keep`: an answer that does not meet it is not found. */ & (
  | { readonly kind: "get"; readonly optional: Optional; readonly keep?: KeepModel }
  | {
      readonly kind: "list";
      readonly optional: Optional;
      readonly limit: Value;
      readonly paged: boolean;
      readonly keep?: KeepModel;
    }
  | { readonly kind: "send" }
  | {
      readonly kind: "poll";
      readonly keep?: KeepModel;
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
      /** Digits are compared with this first. */
      readonly id?: Reference;
    }
  /** The id behind the label that an input gives. */
  | {
      readonly kind: "label";
      readonly label: LabelModel;
      readonly arguments: readonly Argument[];
      readonly input: string;
      readonly many: boolean;
      /** Somewhere it goes, the vendor has a number. */
      readonly isNumber: boolean;
    }
  /** What the vendor calls its ids, for the output. */
  | { readonly kind: "labels"; readonly label: LabelModel; readonly arguments: readonly Argument[] }
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
  | { readonly kind: "fields"; readonly fields: readonly BodyField[] }
  /** A list of such an object: one, or one for each of `over`, which stands in it as `$each` does. */
  | { readonly kind: "list"; readonly fields: readonly BodyField[]; readonly over?: Reference }
  /** A list of this alone; none when it is not there. */
  | { readonly kind: "only"; readonly value: Value };

export interface BodyField {
  readonly name: string;
  readonly required: boolean;
  readonly value: Value | BodyValue;
}

export type Value =
  | { readonly kind: "constant"; readonly value: unknown }
  /** `target`: what the vendor has there, where ours is text that may be the id behind a label. */
  | { readonly kind: "reference"; readonly reference: Reference; readonly target?: "number" | "text" }
  | { readonly kind: "now" }
  /** True where the flag is false, and the other way round. */
  | { readonly kind: "not"; readonly flag: Reference }
  /** A moment in UTC, written without saying so. */
  | { readonly kind: "utc"; readonly moment: Reference }
  | { readonly kind: "midnight"; readonly day: Reference }
  /** What the vendor is asked for. `named` is what a lookup looks for: part of a name, or an id. */
  | {
      readonly kind: "filter";
      readonly filter: FilterModel;
      readonly conditions: readonly FieldCondition[];
      readonly named?: NamedModel;
    }
  /** Later values over earlier ones. `ids`: in the first, `{ ids: [{ id }] }` is read where a list of ids is written. */
  | { readonly kind: "merge"; readonly values: readonly Reference[]; readonly ids?: string }
  /** The first of these that is there. */
  | { readonly kind: "first"; readonly values: readonly Value[] };

export interface NamedModel {
  readonly wanted: Value;
  readonly field: string;
  readonly test: "contains" | "is";
  readonly id?: { readonly field: string; readonly isNumber: boolean };
}

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
  "dueIn",
  "before",
  "after",
  "atLeast",
  "atMost",
  "given",
] as const;
/** `given` is the bare `when: $x`: true, or there at all. */
export type Test = (typeof tests)[number];
