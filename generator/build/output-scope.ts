import { leafOptions } from "../read/output.ts";
import type { OutputYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { LabelUse } from "./labels.ts";
import { type Resolved, resolve, resolveHere, type Scope, type StepScope } from "./reference.ts";
import type { Thing } from "./thing.ts";

export type OutputMap = Readonly<Record<string, OutputYaml>>;

export interface OutputScope extends Scope {
  /** The step that reads these labels, one for all who ask for the same. */
  labels(use: LabelUse): string;
  /** A reveal tool may name secrets; no other tool may. */
  readonly reveals: boolean;
  readonly secrets: readonly string[];
}

export const isMap = (value: OutputYaml): value is OutputMap => typeof value === "object" && !Array.isArray(value);

const isConstant = (value: OutputMap) => typeof value.says === "string" && Object.keys(value).length === 1;

const leafKeys = Object.keys(leafOptions.shape);
/** `{ value: path, … }` with options only, or `{ says: text }`: one field, not an object. */
export const isLeaf = (value: OutputMap) =>
  isConstant(value) ||
  ((typeof value.value === "string" || Array.isArray(value.value)) &&
    Object.keys(value).every((key) => leafKeys.includes(key)));

/** A path of an item or row of a list step. */
export const readItem = (step: StepScope, path: string, at: Path, scope: OutputScope) =>
  read(path, at, within(scope, step.thing, step));

/** The scope of what stands inside `thing`; `$each` is known when that is a row. */
export function within(scope: OutputScope, here: Thing, step?: StepScope): OutputScope {
  const { each: _, ...rest } = scope;
  const each = step ? step.each : scope.each;
  return { ...rest, here, ...(each && { each }) };
}

/** A reference, or a path of what is at hand. */
export function read(text: string, at: Path, scope: OutputScope): Resolved | undefined {
  if (text.startsWith("$")) return resolve(text, at, scope);
  if (!scope.here) {
    // At the root a bare path begins with a step, or is read from the only one.
    if (scope.steps.has(text.split(".")[0]!)) return resolve(`$${text}`, at, scope);
    const [only, ...more] = scope.steps.keys();
    if (only !== undefined && more.length === 0) return resolve(`$${only}.${text}`, at, scope);
  }
  return resolveHere(text, at, scope);
}
