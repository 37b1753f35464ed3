import { createHash } from "node:crypto";
import { orAborted } from "../call-context.ts";
import { reveal, type Secret } from "../secret.ts";
import type { AuthContext } from "./auth.ts";
import type { Token, TokenStore } from "./tokens.ts";

/** Work under way, by store and key. Requests of one connection share the store. */
const underWay = new WeakMap<TokenStore, Map<string, Promise<Token>>>();

type Keeping = Pick<AuthContext, "tokens" | "signal">;

/**
 * What the store has under `key`, or else what `make` makes and the store then keeps. However many requests need it at once, it is
 * made once; so the making is not bound to a caller's signal, others may be waiting for it.
 */
export async function kept(key: string, make: () => Promise<Token>, { tokens, signal }: Keeping): Promise<Token> {
  const known = await tokens.get(key);
  if (known) return known;
  const flights = underWay.get(tokens) ?? new Map<string, Promise<Token>>();
  underWay.set(tokens, flights);
  const flight = flights.get(key) ?? making(key, make, tokens).finally(() => flights.delete(key));
  flights.set(key, flight);
  return orAborted(flight, signal);
}

async function making(key: string, make: () => Promise<Token>, tokens: TokenStore): Promise<Token> {
  const token = await make();
  await tokens.set(key, token.value, token.expiresAt);
  return token;
}

/** Another request may have renewed it meanwhile: then that one is good. */
export async function forget(key: string, refused: Secret, { tokens }: Pick<Keeping, "tokens">): Promise<void> {
  const stored = await tokens.get(key);
  if (stored?.value.reveal() === refused.reveal()) await tokens.delete(key);
}

/** Names credentials without containing them. */
export const fingerprint = (...parts: readonly (string | Secret | undefined)[]): string =>
  createHash("sha256")
    .update(JSON.stringify(parts.map((part) => (part === undefined ? null : reveal(part)))))
    .digest("base64url");
