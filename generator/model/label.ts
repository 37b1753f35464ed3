import type { Reference } from "./reference.ts";
import type { CallModel } from "./step.ts";
import type { InputModel } from "./tool.ts";

/** The vendor's own names for its ids: a function of labels.ts. */
export interface LabelModel {
  readonly name: string;
  /** Labels of one source are read at once. */
  readonly source: string;
  /** How they are asked for; its inputs are the label's arguments. */
  readonly call: CallModel;
  readonly inputs: readonly InputModel[];
  /** Of the answer, or of each of its items where it is a list. */
  readonly items?: Reference;
  /** Which of them count. */
  readonly keep: readonly { readonly field: Reference; readonly is: string | number | boolean }[];
  /** A list inside each item. */
  readonly values?: Reference;
  readonly id: Reference;
  /** Several are joined by a space. */
  readonly label: readonly Reference[];
}
