import { readConfig } from "../../gateway/config.ts";
import { KEY_KINDS } from "../../gateway/keys.ts";
import { kindOf } from "./kinds.ts";

/** Prints a new key in the form that its variable takes, for whoever puts it where keys are kept. */
export function printNew(word: string | undefined): number | undefined {
  const kind = kindOf(word);
  if (!kind) return undefined;
  const { variable, make } = KEY_KINDS[kind];
  console.log(make(takenNames()));
  console.error(
    `For ${variable}, beside what is there${kind === "vault" ? ", under a name that is not taken" : ""}. It is shown once.`,
  );
  return 0;
}

/** Of master keys here. None where the environment is not complete yet: that is when the first keys are made. */
function takenNames(): string[] {
  try {
    return (readConfig().keys.vault ?? []).map(({ kid }) => kid);
  } catch {
    return [];
  }
}
