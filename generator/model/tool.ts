import type { DataClass } from "../../runtime/data-class.ts";
import type { OutputModel } from "./output.ts";
import type { ConditionModel, StepModel } from "./step.ts";

export type Access = "read" | "write" | "destroy" | "reveal";

/** One tool: what goes in, the steps, what comes out. */
export interface ToolModel {
  /** With the vendor's prefix: `acme_list_devices`. */
  readonly name: string;
  /** The key in the YAML: `list_devices`. */
  readonly key: string;
  readonly where: string;
  readonly title: string;
  readonly description: string;
  readonly access: Access;
  readonly idempotent: boolean;
  readonly examples: readonly string[];
  readonly redact: readonly string[];
  /** Output paths whose values are of a class. */
  readonly classes: Partial<Readonly<Record<DataClass, readonly string[]>>>;
  /** Set when the whole answer is of a class. */
  readonly dataClass?: DataClass;
  readonly onFailure: "stop" | "goOn";
  /** Its answers may be kept: for so many seconds at most, when an operation says. */
  readonly cache?: true | number;
  /** The areas of work it belongs to. */
  readonly tags: readonly string[];
  /** One operation, written as a line of `extended`: off until an organisation switches it on. */
  readonly extended?: true;
  /** What a person is asked first, and when that is; always without a condition. */
  readonly confirm?: { readonly ask: string; readonly when: readonly ConditionModel[] };
  /** How it is now, by the names of inputs: nothing is read while one of `needs` is not given. */
  readonly before?: {
    readonly needs: readonly string[];
    readonly steps: readonly StepModel[];
    readonly output: readonly OutputModel[];
  };
  /** For people who may see some customers only; `why` it is refused to them. */
  readonly customers: { readonly kind: "bounded" | "shared" | "refused"; readonly why?: string };
  readonly inputs: readonly InputModel[];
  readonly steps: readonly StepModel[];
  /** Every step could be built. */
  readonly isWhole: boolean;
  readonly output: readonly OutputModel[];
}

export interface InputModel {
  readonly name: string;
  readonly about: string;
  readonly type: InputType;
  readonly presence: "required" | "optional" | "default";
  /** What people call it is given, the vendor's id is meant. */
  readonly label?: { readonly name: string; readonly with?: Readonly<Record<string, string>> };
  readonly default?: unknown;
  readonly secret: boolean;
}

export type InputType =
  /** `usual`: the length is held to without being told, because every conversation pays for telling. */
  | {
      readonly kind: "string";
      readonly min?: number;
      readonly max: number;
      readonly usual: boolean;
      readonly pattern?: string;
    }
  /** `codes`: what the vendor calls each of the values. */
  | {
      readonly kind: "enum";
      readonly values: readonly string[];
      readonly codes?: Readonly<Record<string, string | number>>;
    }
  | { readonly kind: "date" | "datetime" | "boolean" }
  /** `usual`: an id, or how many items; the bounds are held to without being told. */
  | { readonly kind: "integer" | "number"; readonly min: number; readonly max: number; readonly usual?: true }
  | { readonly kind: "array"; readonly items: InputType; readonly min?: number; readonly max: number }
  | { readonly kind: "object"; readonly fields: readonly InputModel[] }
  | { readonly kind: "map"; readonly values: "string" | "any" };
