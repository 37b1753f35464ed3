import type { TypeAlias } from "./operation.ts";
import type { Reference } from "./reference.ts";
import type { ConditionModel } from "./step.ts";

/** A property of a tool's answer. */
export interface OutputModel {
  readonly name: string;
  readonly about?: string;
  /** Vendor fields never are: vendors leave things out. */
  readonly required: boolean;
  readonly shape: Shape;
}

export type ScalarType = "string" | "number" | "boolean";

export type Shape =
  | {
      readonly kind: "scalar";
      readonly type: ScalarType;
      readonly value: Reference;
      /** What counts when the value is not there, in this order. */
      readonly or?: readonly Reference[];
      readonly convert?: Conversion;
    }
  | { readonly kind: "scalars"; readonly type: ScalarType; readonly value: Reference }
  /** An open object, without the keys that look secret. */
  | {
      readonly kind: "open";
      readonly list: boolean;
      readonly value: Reference;
      readonly guarded: boolean;
      readonly without?: Without;
    }
  | { readonly kind: "object"; readonly from?: From; readonly fields: readonly OutputModel[] }
  | {
      readonly kind: "array";
      readonly from: From;
      readonly keep: readonly ConditionModel[];
      /** Only so many from the end, the last one first. */
      readonly last?: number;
      readonly item: readonly OutputModel[] | Shape;
    }
  | { readonly kind: "constant"; readonly type: ScalarType; readonly value: string | number | boolean }
  | {
      readonly kind: "totals";
      readonly step: string;
      readonly by: readonly GroupModel[];
    }
  | { readonly kind: "count" | "total"; readonly step: string }
  | { readonly kind: "sum"; readonly step: string; readonly value: Reference; readonly by: readonly GroupModel[] }
  | { readonly kind: "coverage"; readonly step: string }
  | { readonly kind: "truncated"; readonly steps: readonly string[]; readonly cursor: boolean }
  /** What the answers lack, where the vendor may fail to give a part of them. */
  | { readonly kind: "partial"; readonly vendors: readonly string[] }
  | { readonly kind: "sends" }
  /** In a tool across vendors: those that would have been asked. */
  | { readonly kind: "notConnected"; readonly parts: readonly { readonly vendor: string; readonly title: string }[] };

/** Figures for each value of a field. */
export interface GroupModel {
  readonly name: string;
  readonly value: Reference;
}

/** What the fields below are read from; its types are named when it is worth a function `toDevice`. */
export interface From {
  readonly value: Reference;
  readonly aliases: readonly TypeAlias[];
  /** Set when only some of several answers have the fields: the type is `AnyOf<A | B>`. */
  readonly seen: { readonly partial: boolean };
}

/** Further keys to leave out: a field of each item of a list step. */
export interface Without {
  readonly step: string;
  readonly field: Reference;
}

export type Conversion =
  | { readonly kind: "time"; readonly unit: "ms" | "s" | "utc" }
  | { readonly kind: "text" }
  | { readonly kind: "html" }
  /** What the vendor calls this id, from a step that reads labels. */
  | { readonly kind: "label"; readonly step: string }
  | { readonly kind: "age" };
