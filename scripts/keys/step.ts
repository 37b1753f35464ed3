import { statSync } from "node:fs";
import { readConfig } from "../../gateway/config.ts";
import { KEY_KINDS, type KeyKind } from "../../gateway/keys.ts";
import { namesOf } from "../../gateway/vault/key-names.ts";
import { neededKids } from "../../gateway/vault/needed.ts";
import { readKeyFile, writeKeyFile } from "./key-file.ts";
import { type KeyHouse, withKeys } from "./open.ts";

/** Every rotation has these three, with a restart of all gateways after each. */
const STEPS = ["add", "use", "drop"] as const;
type Step = (typeof STEPS)[number];

/** Identity tokens live for an hour, and clients keep our public keys for a while. */
const SIGNED_MS = 2 * 60 * 60_000;

/**
 * One step of rotating a kind of key: in its file in DATA_DIR where it lives there, otherwise in words, because a
 * variable or a secret store is not ours to write.
 * @returns the exit code; undefined for wrong usage
 */
export async function takeStep(
  word: string,
  kind: KeyKind,
  { step, now }: { step?: string; now?: boolean },
): Promise<number | undefined> {
  const chosen = STEPS.find((one) => one === step);
  if (!chosen) return undefined;
  return await withKeys(async (house) => {
    const config = readConfig();
    const { variable, file } = KEY_KINDS[kind];
    const names = namesOf(house.own)[kind === "vault" ? "master" : kind];
    if (config.keys[kind]) return say(chosen, { variable, word, names });
    const path = `${config.dataDir}/${file}`;
    const keys = readKeyFile(kind, path);
    const problem = await problemWith(chosen, { word, kind, names, path, house, now: now === true });
    if (problem) {
      console.error(problem);
      return 1;
    }
    writeKeyFile(kind, path, next(chosen, kind, keys, names));
    console.log(`${path}: ${DONE[chosen]} Restart the gateway.`);
    return 0;
  });
}

function next(step: Step, kind: KeyKind, keys: readonly string[], names: readonly string[]): readonly string[] {
  if (step === "add") return [...keys, KEY_KINDS[kind].make(names)];
  return step === "use" ? [keys.at(-1)!, ...keys.slice(0, -1)] : keys.slice(0, -1);
}

const DONE: Record<Step, string> = {
  add: "a new key stands last. It opens and verifies; it does not wrap or sign so far.",
  use: "the last key is the first now. It wraps, or signs, from the restart on.",
  drop: "the last key is gone.",
};

interface Where {
  readonly word: string;
  readonly kind: KeyKind;
  readonly names: readonly string[];
  readonly path: string;
  readonly house: KeyHouse;
  readonly now: boolean;
}

/** What keeps a step from being taken, with the step to take instead. */
async function problemWith(step: Step, { word, kind, names, path, house, now }: Where): Promise<string | undefined> {
  if (step === "add") return names.length > 1 ? "There are two keys already: use or drop one first." : undefined;
  if (names.length < 2) return onlyOne(word);
  if (step === "use") return undefined;
  const last = names.at(-1)!;
  if (kind === "vault" && (await neededKids(house.db)).some(({ kid }) => kid === last))
    return `${last} still wraps something. First: npm run keys -- rotate master`;
  if (kind === "audit" && (await signedEvents(house, last)))
    return `Events that ${last} signed are still kept; without it they could no longer be proven.`;
  const age = Date.now() - statSync(path).mtimeMs;
  return kind === "signing" && age < SIGNED_MS && !now
    ? "The new key signs for less than two hours, and tokens of the old one are still in use. Wait, or add --now."
    : undefined;
}

const onlyOne = (word: string) => `There is one key only. First: npm run keys -- rotate ${word} --step add`;

const signedEvents = async ({ db }: KeyHouse, id: string) =>
  Boolean(await db.selectFrom("audit_events").select("seq").where("key_id", "=", id).limit(1).executeTakeFirst());

function say(step: Step, about: { variable: string; word: string; names: readonly string[] }): number {
  console.log(`${about.variable} holds ${about.names.join(", ")}, in this order; the first wraps or signs.`);
  for (const line of WORDS[step](about)) console.log(line);
  return 0;
}

type Words = (about: { variable: string; word: string; names: readonly string[] }) => readonly string[];

const WORDS: Record<Step, Words> = {
  add: ({ variable, word }) => [
    `Make a key with: npm run keys -- new ${word}`,
    `Put it after the others in ${variable}, or in the file that ${variable}_FILE names.`,
    "Restart every gateway, one after the other.",
  ],
  use: ({ variable, word, names }) =>
    names.length < 2
      ? [onlyOne(word)]
      : [
          `Move ${names.at(-1)} to the front of ${variable}.`,
          "Restart every gateway, one after the other.",
          ...(word === "master" ? ["Then: npm run keys -- rotate master"] : []),
        ],
  drop: ({ variable, word, names }) =>
    names.length < 2
      ? [onlyOne(word)]
      : [
          ...(word === "master" ? [`First ask whether it is needed: npm run keys -- retire ${names.at(-1)}`] : []),
          ...(word === "signing" ? ["Wait until the new key has signed for two hours."] : []),
          ...(word === "audit" ? ["Wait until no event is kept that it signed."] : []),
          `Take ${names.at(-1)} out of ${variable}, and restart every gateway.`,
        ],
};
