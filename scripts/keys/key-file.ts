import { readSecretFile, replaceSecretFile } from "../../gateway/config/secret-file.ts";
import type { KeyKind } from "../../gateway/keys.ts";

/** The keys in a file of DATA_DIR, each as text, in order. @throws Error that says what is wrong with the file */
export function readKeyFile(kind: KeyKind, path: string): string[] {
  const text = readSecretFile(path).trim();
  if (kind !== "signing") return text.split(/[,\n]/).map((part) => part.trim()).filter(Boolean); // biome-ignore format: one thought
  const json = JSON.parse(text);
  return [Object.hasOwn(json, "keys") ? json.keys : json].flat().map((key: object) => JSON.stringify(key));
}

/** The old file stays whole until the new one is. */
export function writeKeyFile(kind: KeyKind, path: string, keys: readonly string[]): void {
  replaceSecretFile(path, `${kind === "signing" ? `[${keys.join(",\n")}]` : keys.join("\n")}\n`);
}
