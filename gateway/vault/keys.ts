import { isLocal, type LocalKey, type VaultKey } from "../config/master-keys.ts";
import { open, seal } from "./box.ts";
import { VaultError } from "./errors.ts";
import { remoteKeys } from "./remote-keys.ts";
import { openService, type ServiceLogin } from "./services/open.ts";

/**
 * Where master keys live. They never leave it: it wraps and unwraps the user keys.
 * `bound` is authenticated with the wrapped key.
 */
export interface KeyProvider {
  /** Wraps with the first key. @returns with which one: its name, and its version after a slash where it has some */
  wrap(key: Buffer, bound: Buffer): Promise<{ kid: string; blob: Buffer }>;
  /** The caller zeroes what it gets. @throws VaultError WRONG_KEY, UNKNOWN_KID, KEYS_UNAVAILABLE, KEYS_REFUSED */
  unwrap(kid: string, blob: Uint8Array, bound: Buffer): Promise<Buffer>;
  /** Whether unwrapping with it is a request to somewhere else. */
  isRemote(kid: string): boolean;
  /** The names of all, the one that wraps first. */
  readonly names: readonly string[];
}

/** All that are configured: the first wraps, all unwrap. @throws Error naming a package that has to be installed */
export async function masterKeys(keys: readonly VaultKey[], login: ServiceLogin = {}): Promise<KeyProvider> {
  const opened = keys.map(async (key) =>
    isLocal(key) ? localKeys([key]) : remoteKeys(key.kid, await openService(key, login)),
  );
  return together(await Promise.all(opened));
}

/** Master keys held in this process, from the environment or a file; the first wraps, all unwrap. */
export function localKeys(keys: readonly LocalKey[]): KeyProvider {
  const [primary] = keys;
  if (!primary) throw new Error("The vault needs at least one master key.");
  const byKid = new Map(keys.map(({ kid, key }) => [kid, key]));
  return {
    names: [...byKid.keys()],
    isRemote: () => false,
    wrap: async (key, bound) => ({ kid: primary.kid, blob: seal(primary.key, key, bound) }),
    async unwrap(kid, blob, bound) {
      const key = byKid.get(kid);
      if (!key) throw unknownKid(kid);
      return open(key, blob, bound);
    },
  };
}

function together(providers: readonly KeyProvider[]): KeyProvider {
  const [primary] = providers;
  if (!primary) throw new Error("The vault needs at least one master key.");
  const byName = new Map(providers.flatMap((provider) => provider.names.map((name) => [name, provider])));
  return {
    names: [...byName.keys()],
    isRemote: (kid) => byName.get(nameOf(kid))?.isRemote(kid) ?? false,
    wrap: (key, bound) => primary.wrap(key, bound),
    async unwrap(kid, blob, bound) {
      const provider = byName.get(nameOf(kid));
      if (!provider) throw unknownKid(kid);
      return await provider.unwrap(kid, blob, bound);
    },
  };
}

/** `bao/3` is the third version of the key that is configured as `bao`. */
export const nameOf = (kid: string): string => kid.split("/", 1)[0]!;

const unknownKid = (kid: string) => new VaultError("UNKNOWN_KID", `The master key "${kid}" is not configured.`);
