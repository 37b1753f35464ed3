import { randomBytes } from "node:crypto";
import { bind, open, seal } from "./box.ts";
import { VaultError } from "./errors.ts";
import type { KeyProvider } from "./keys.ts";

/** The master key that a box needs. */
export const kidOf = (box: string): string => Buffer.from(box.split(".", 1)[0]!, "base64url").toString();

/** The same secret under another master key: its own key stays, and the secret is not opened. */
export async function rewrapBox(keys: KeyProvider, text: string, bound: readonly string[]): Promise<string> {
  const { kid, blob, box } = partsOf(text);
  const place = bind("box-key/v1", ...bound);
  const key = await keys.unwrap(kid, blob, place);
  try {
    const next = await keys.wrap(key, place);
    return textOf(next.kid, next.blob, box);
  } finally {
    key.fill(0);
  }
}

export interface SecretBox {
  /** @param bound says whose secret it is, e.g. ["client", id]; the same is needed to open it */
  seal(text: string, bound: readonly string[]): Promise<string>;
  /** @throws VaultError for other bound data, changed text or an unknown master key */
  open(box: string, bound: readonly string[]): Promise<string>;
}

/** Text sealed under a key of its own, which travels with it, wrapped by the master key: `kid.wrapped.box`. */
export function secretBox(keys: KeyProvider): SecretBox {
  return {
    async seal(text, bound) {
      const key = randomBytes(32);
      try {
        const { kid, blob } = await keys.wrap(key, bind("box-key/v1", ...bound));
        const box = seal(key, Buffer.from(text), bind("box/v1", ...bound));
        return textOf(kid, blob, box);
      } finally {
        key.fill(0);
      }
    },
    async open(text, bound) {
      const { kid, blob, box } = partsOf(text);
      const key = await keys.unwrap(kid, blob, bind("box-key/v1", ...bound));
      try {
        return open(key, box, bind("box/v1", ...bound)).toString();
      } finally {
        key.fill(0);
      }
    },
  };
}

const textOf = (kid: string, blob: Buffer, box: Buffer) =>
  [Buffer.from(kid), blob, box].map((part) => part.toString("base64url")).join(".");

function partsOf(text: string) {
  const [kid, blob, box] = text.split(".").map((part) => Buffer.from(part, "base64url"));
  if (!kid || !blob || !box) throw new VaultError("BOX_TOO_SHORT", "A sealed box is cut short.");
  return { kid: kid.toString(), blob, box };
}
