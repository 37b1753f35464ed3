import type { z } from "zod";
import { isLoopback, keyOf } from "./values.ts";

/** A master key of the vault: held here, or at a service that wraps and unwraps for us. */
export type VaultKey = LocalKey | RemoteKey;

export interface LocalKey {
  readonly kid: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

const SERVICES = ["transit", "awskms", "azurekms", "gcpkms"] as const;

export interface RemoteKey {
  /** What is stored beside a wrapped key begins with it; the service's version of its key follows after a slash. */
  readonly kid: string;
  readonly service: (typeof SERVICES)[number];
  /** Scheme and host; undefined is where the service is for everybody. */
  readonly origin: string | undefined;
  /** What the service calls the key: a name, a path or an ARN. */
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

export const isLocal = (key: VaultKey): key is LocalKey => "key" in key;

type Context = z.core.$RefinementCtx;

/** `kid:base64` and `kid:scheme://…`, comma-separated or one a line. */
export function vaultKeys(text: string, context: Context): readonly VaultKey[] {
  const keys: VaultKey[] = [];
  const refuse = (message: string) => {
    context.addIssue({ code: "custom", message });
    return [];
  };
  for (const entry of text.split(/[,\n]/).filter((part) => part.trim())) {
    const [, kid, what] = /^\s*([A-Za-z0-9._-]{1,64}):(\S+)\s*$/.exec(entry) ?? [];
    if (!kid || !what) return refuse("must look like kid:base64[,kid:base64] or kid:service://…, see docs/keys.md");
    const key = what.includes("://") ? remoteKey(kid, what) : localKey(kid, what);
    if (typeof key === "string") return refuse(`the key "${kid}" ${key}`);
    if (keys.some((other) => other.kid === kid))
      return refuse(`names the kid "${kid}" twice; give the newer one a name of its own`);
    if (keys.some((other) => isSame(other, key))) return refuse("has one key under two kids");
    keys.push(key);
  }
  return keys.length > 0 ? keys : refuse("must hold at least one key");
}

function localKey(kid: string, base64: string): LocalKey | string {
  const key = keyOf(base64);
  return typeof key === "string" ? key : { kid, key };
}

/** What each service needs besides a host and a name. */
const OPTIONS: Record<RemoteKey["service"], readonly string[]> = {
  transit: ["namespace", "auth", "role"],
  awskms: ["region"],
  azurekms: [],
  gcpkms: [],
};

/** @returns what is wrong, in words that follow `the key "k1"` and repeat nothing of a password */
function remoteKey(kid: string, text: string): RemoteKey | string {
  const url = URL.parse(text);
  const service = SERVICES.find((one) => `${one}:` === url?.protocol);
  if (!url || !service) return `must begin with ${SERVICES.map((one) => `${one}://`).join(", ")}`;
  if (url.username || url.password || url.hash) return "must not hold a user, a password or a fragment";
  const options = Object.fromEntries(url.searchParams);
  const unknown = Object.keys(options).find((option) => !OPTIONS[service].includes(option));
  if (unknown) return `has the option ${unknown}, which ${service}:// does not know`;
  // As others write it: gcpkms://projects/…
  const inName = service === "gcpkms" && url.host === "projects";
  const name = `${inName ? "projects/" : ""}${decodeURIComponent(url.pathname.slice(1))}`;
  const host = inName ? "" : url.host;
  const origin = host
    ? `${isLoopback(url.hostname) && service !== "azurekms" ? "http" : "https"}://${host}`
    : undefined;
  const key = { kid, service, origin, name, options };
  return problemOf(key) ?? key;
}

function problemOf({ service, origin, name, options }: RemoteKey): string | undefined {
  if (service === "transit") {
    if (!origin || !/^[\w./-]+\/[\w.-]+$/.test(name)) return "must look like transit://host[:port]/mount/key";
    if (!["token", "kubernetes", "approle", "agent"].includes(options["auth"] ?? "token"))
      return "has an auth that is not token, kubernetes, approle or agent";
    if (options["auth"] === "kubernetes" && !options["role"]) return "needs role=… with auth=kubernetes";
  }
  if (service === "awskms" && !regionOf({ name, options }))
    return "must hold an ARN, or region=… beside an id or alias";
  if (service === "azurekms" && (!origin || !/^[\w-]+$/.test(name)))
    return "must look like azurekms://vault.vault.azure.net/key, without a version";
  if (service === "gcpkms" && !/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/.test(name))
    return "must look like gcpkms://projects/…/locations/…/keyRings/…/cryptoKeys/…, without a version";
  return undefined;
}

/** The region that is said, or the one in an ARN. */
export const regionOf = ({ name, options }: Pick<RemoteKey, "name" | "options">): string | undefined =>
  options["region"] ?? /^arn:[\w-]+:kms:([\w-]+):/.exec(name)?.[1];

function isSame(one: VaultKey, other: VaultKey): boolean {
  if (isLocal(one) || isLocal(other)) return isLocal(one) && isLocal(other) && one.key.equals(other.key);
  return one.service === other.service && one.origin === other.origin && one.name === other.name;
}
