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
    loss: "without it no stored credential opens ever again",
    make: (taken: readonly string[] = []) => `${freeName(taken)}:${randomBytes(32).toString("base64")}`,
  },
  audit: {
    variable: "AUDIT_KEY",
    file: "audit.key",
    loss: "without it the audit log can no longer be proven unchanged, and no backup is restored",
    make: () => randomBytes(32).toString("base64"),
  },
  cookies: {
    variable: "COOKIE_KEYS",
    file: "cookie.key",
    loss: "without it forms and sign-ins that are under way begin anew",
    make: () => randomBytes(32).toString("base64url"),
  },
  signing: {
    variable: "SIGNING_KEYS",
    file: "signing.key",
    loss: "without it clients have to learn another key",
    make: () => JSON.stringify(newSigningKey()),
  },
} as const;

export type KeyKind = keyof typeof KEY_KINDS;

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
 * @param sealed whether credentials are stored: a new vault key could not open them, so none is made up then
 * @returns the keys and the files that were written just now
 */
export function completeKeys(config: Config, sealed: boolean): { keys: Keys; made: readonly string[] } {
  const missing = (Object.keys(KEY_KINDS) as KeyKind[]).filter((kind) => !config.keys[kind]);
  if (missing.length === 0) return { keys: config.keys as Keys, made: [] };
  makePrivateFolder(config.dataDir);
  const made: string[] = [];
  const env: Record<string, string> = {};
  const wrong: string[] = [];
  for (const kind of missing) {
    const { variable, file, make } = KEY_KINDS[kind];
    const path = `${config.dataDir}/${file}`;
    const invent = !existsSync(path) && !(kind === "vault" && sealed);
    if (invent && writeSecretFile(path, `${make()}\n`)) made.push(path);
    try {
      env[variable] = readSecretFile(path).trim();
    } catch (error) {
      const lost = kind === "vault" && sealed ? "; stored credentials need it: put it back" : "";
      wrong.push(
        `${variable}: ${file} in DATA_DIR: ${error instanceof Error ? error.message : "cannot be read"}${lost}`,
      );
    }
  }
  if (wrong.length > 0) throw new ConfigError(wrong);
  const keys = { ...readConfig(env).keys, ...withoutUndefined(config.keys) } as Keys;
  if (keys.vault.some((one) => isLocal(one) && keys.audit.some((other) => other.equals(one.key))))
    throw new ConfigError(["AUDIT_KEY: must not be a vault key"]);
  return { keys, made };
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
