import type { Secret } from "../secret.ts";

/** A minted vendor token and when it ends, in ms since 1970. */
export interface Token {
  readonly value: Secret;
  readonly expiresAt: number;
}

/** Keeps minted vendor tokens by credential fingerprint. Fingerprints are hashes, so that a key names no secret. */
export interface TokenStore {
  get(key: string): Promise<Token | undefined> | Token | undefined;
  set(key: string, value: Secret, expiresAt: number): Promise<void> | void;
  delete(key: string): Promise<void> | void;
}

/** Tokens in memory, at most `max`; the oldest goes first. */
export function memoryTokens({ max = 10_000, now = Date.now }: { max?: number; now?: () => number } = {}): TokenStore {
  const tokens = new Map<string, Token>();
  return {
    get(key) {
      const token = tokens.get(key);
      if (token && token.expiresAt > now()) return token;
      tokens.delete(key);
      return undefined;
    },
    set(key, value, expiresAt) {
      tokens.delete(key);
      tokens.set(key, { value, expiresAt });
      for (const oldest of tokens.keys()) {
        if (tokens.size <= max) break;
        tokens.delete(oldest);
      }
    },
    delete(key) {
      tokens.delete(key);
    },
  };
}
