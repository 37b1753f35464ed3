import type { VaultKey } from "../config.ts";
import { open, seal } from "./box.ts";
import { VaultError } from "./errors.ts";

/**
 * Where master keys live. They never leave it: it wraps and unwraps the user keys.
 * `bound` is authenticated with the wrapped key, where the provider can do so.
 */
export interface KeyProvider {
  /** The master key that wraps from now on. */
  readonly primary: string;
  wrap(key: Buffer, bound: Buffer): Promise<{ kid: string; blob: Buffer }>;
  /** The caller zeroes what it gets. @throws VaultError WRONG_KEY, UNKNOWN_KID */
  unwrap(kid: string, blob: Uint8Array, bound: Buffer): Promise<Buffer>;
  /** Resolves when keys can be used. */
  health(): Promise<void>;
}

/** Master keys held in this process, from the environment or a file; the first wraps, all unwrap. */
export function localKeys(keys: readonly VaultKey[]): KeyProvider {
  const [primary] = keys;
  if (!primary) throw new Error("The vault needs at least one master key.");
  const byKid = new Map(keys.map(({ kid, key }) => [kid, key]));
  return {
    primary: primary.kid,
    wrap: async (key, bound) => ({ kid: primary.kid, blob: seal(primary.key, key, bound) }),
    async unwrap(kid, blob, bound) {
      const key = byKid.get(kid);
      if (!key) throw new VaultError("UNKNOWN_KID", `The master key "${kid}" is not configured.`);
      return open(key, blob, bound);
    },
    health: async () => {},
  };
}
