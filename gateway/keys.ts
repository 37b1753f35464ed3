import { createHash, createHmac, generateKeyPairSync, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync } from "node:fs";
import { isLocal } from "./config/master-keys.ts";
import { makePrivateFolder, readSecretFile, writeSecretFile } from "./config/secret-file.ts";
import type { Config, SigningKey, VaultKey } from "./config.ts";
import { ConfigError, readConfig } from "./config.ts";

/** The secrets the gateway itself needs, complete. */
export interface Keys {
  /** The first seals, all open. */
  readonly vault: readonly VaultKey[];
  /** The first signs, all verify. */
  readonly audit: readonly Buffer[];
  /** The first signs, all verify. */
  readonly cookies: readonly string[];
  /** The first signs, all are published. */
  readonly signing: readonly SigningKey[];
}

/** The variable that holds each kind of key, its file in DATA_DIR, and how development makes one. */
export const KEY_KINDS = {
  vault: {
    variable: "VAULT_KEYS",
    file: "vault.key",
    needed: "stored credentials",
    loss: "without it no stored credential opens ever again",
    make: (taken: readonly string[] = []) => `${freeName(taken)}:${randomBytes(32).toString("base64")}`,
  },
  audit: {
    variable: "AUDIT_KEY",
    file: "audit.key",
    needed: "events of the audit log",
    loss: "without it the audit log can no longer be proven unchanged, and no backup is restored",
    make: () => randomBytes(32).toString("base64"),
  },
  cookies: {
    variable: "COOKIE_KEYS",
    file: "cookie.key",
    needed: "forms under way",
    loss: "without it forms and sign-ins that are under way begin anew",
    make: () => randomBytes(32).toString("base64url"),
  },
  signing: {
    variable: "SIGNING_KEYS",
    file: "signing.key",
    needed: "identity tokens",
    loss: "without it clients have to learn another key",
    make: () => JSON.stringify(newSigningKey()),
  },
} as const;

export type KeyKind = keyof typeof KEY_KINDS;

const ALL_KINDS = Object.keys(KEY_KINDS) as readonly KeyKind[];

/** Kinds that a command of the operator never makes up: it works on what an installation has. */
export const LASTING_KINDS: readonly KeyKind[] = ["vault", "audit"];

/** What it means to lose this file; empty for one that holds no key. */
export const lossOf = (path: string): string =>
  Object.values(KEY_KINDS).find(({ file }) => path.endsWith(`/${file}`))?.loss ?? "";

function freeName(taken: readonly string[]): string {
  let n = taken.length + 1;
  while (taken.includes(`k${n}`)) n++;
  return `k${n}`;
}

/**
 * The keys of the environment; those it leaves out come from DATA_DIR, where development makes them at first start.
 * @param kept kinds that something stored needs: a new key could not open or prove it, so none is made up
 * @returns the keys and the files that were written just now
 */
export function completeKeys(config: Config, kept: readonly KeyKind[]): { keys: Keys; made: readonly string[] } {
  const missing = ALL_KINDS.filter((kind) => !config.keys[kind]);
  if (missing.length === 0) return { keys: config.keys as Keys, made: [] };
  const pathOf = (kind: KeyKind) => `${config.dataDir}/${KEY_KINDS[kind].file}`;
  const absent = missing.filter((kind) => !existsSync(pathOf(kind)));
  const made: string[] = [];
  if (!absent.some((kind) => kept.includes(kind))) {
    makePrivateFolder(config.dataDir);
    for (const kind of absent)
      if (writeSecretFile(pathOf(kind), `${KEY_KINDS[kind].make()}\n`)) made.push(pathOf(kind));
  }
  const env: Record<string, string> = {};
  const wrong: string[] = [];
  for (const kind of missing) {
    const { variable, needed } = KEY_KINDS[kind];
    try {
      env[variable] = readSecretFile(pathOf(kind)).trim();
    } catch (error) {
      if (absent.includes(kind) && !kept.includes(kind)) continue; // not made, because of another that is lost
      const lost = kept.includes(kind) ? `; ${needed} need it: put it back` : "";
      wrong.push(`${heldIn(config, kind)}: ${error instanceof Error ? error.message : "cannot be read"}${lost}`);
    }
  }
  if (wrong.length > 0) throw new ConfigError(wrong);
  const keys = { ...readConfig(env).keys, ...withoutUndefined(config.keys) } as Keys;
  if (keys.vault.some((one) => isLocal(one) && keys.audit.some((other) => other.equals(one.key))))
    throw new ConfigError(["AUDIT_KEY: must not be a vault key"]);
  return { keys, made };
}

/** Where a kind of key was given: its variable, the one that names a file, or its file in DATA_DIR. */
export function heldIn({ keys, settings }: Pick<Config, "keys" | "settings">, kind: KeyKind): string {
  const { variable, file } = KEY_KINDS[kind];
  if (!keys[kind]) return `${variable}: ${file} in DATA_DIR`;
  return settings.some(({ name, from }) => name === variable && from === "file") ? `${variable}_FILE` : variable;
}

const withoutUndefined = (given: object) => Object.fromEntries(Object.entries(given).filter(([, value]) => value));

function newSigningKey(): SigningKey {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y, d } = privateKey.export({ format: "jwk" }) as { x: string; y: string; d: string };
  const kid = createHash("sha256").update(`${x}.${y}`).digest("base64url").slice(0, 16);
  return { kty: "EC", crv: "P-256", alg: "ES256", use: "sig", kid, x, y, d };
}

type Signer = Pick<Keys, "cookies">;

/** Signs what a browser carries for us. It counts for this purpose alone. */
export const sign = ({ cookies }: Signer, purpose: string, text: string): string => mac(cookies[0]!, purpose, text);

export function isSigned({ cookies }: Signer, purpose: string, text: string, signature: string): boolean {
  const given = Buffer.from(signature);
  return cookies.some((key) => {
    const expected = Buffer.from(mac(key, purpose, text));
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
}

const mac = (key: string, purpose: string, text: string) =>
  createHmac("sha256", key).update(`${purpose}\0${text}`).digest("base64url");
