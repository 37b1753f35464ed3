import { ToolError } from "./errors.ts";

/** Fields and what they become; undefined changes nothing. */
export type Changes = Readonly<Record<string, unknown>>;

/**
 * Changes as JSON Patch: `[{ op: "replace", path: "summary", value: "…" }]`. `before` is what the vendor wants in front of a path.
 * The type is the one that the vendor's description gives a patch.
 * @throws ToolError INVALID_INPUT when nothing changes
 */
export function jsonPatch<Patch>(changes: Changes, before = ""): NonNullable<Patch> {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw new ToolError("INVALID_INPUT", "There is nothing to change: give at least one field.");
  return given.map(([name, value]) => ({ op: "replace", path: before + name, value })) as NonNullable<Patch>; // descriptions know no better
}
