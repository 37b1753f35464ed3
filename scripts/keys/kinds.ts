import type { KeyKind } from "../../gateway/keys.ts";

/** Kinds of keys, as operators call them. */
const KINDS: Record<string, KeyKind> = { master: "vault", audit: "audit", cookies: "cookies", signing: "signing" };

export const kindOf = (word: string | undefined): KeyKind | undefined => KINDS[word ?? ""];
