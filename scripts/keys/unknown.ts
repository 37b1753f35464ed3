import type { Needed } from "../../gateway/vault/needed.ts";
import type { KeyHouse } from "./open.ts";

/** A name that is neither configured nor stored beside anything is a slip of the pen. @returns the exit code */
export function sayUnknown({ keys }: Pick<KeyHouse, "keys">, name: string, needed: readonly Needed[]): number {
  console.error(`There is no master key ${name}.`);
  console.error(`In VAULT_KEYS: ${keys.names.join(", ")}.`);
  const stored = needed.map(({ kid }) => kid);
  console.error(`Beside what is stored: ${stored.length > 0 ? stored.sort().join(", ") : "none"}.`);
  return 1;
}
