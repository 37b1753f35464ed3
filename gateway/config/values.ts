import { createPrivateKey, type JsonWebKey } from "node:crypto";
import { BlockList, isIP } from "node:net";
import { z } from "zod";

/** How each kind of variable is read: text in, value out, or a sentence that never repeats the value. */

/** A private ES256 key; the first of a list signs, all are published. */
export interface SigningKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly alg: "ES256";
  readonly use: "sig";
  readonly kid: string;
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

const SHARE = "must be a number from 0 to 1";

export function whole(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number(message).int(message).min(min, message).max(max, message);
}

export const share = z.coerce.number("must be a number from 0 to 1").min(0, SHARE).max(1, SHARE);

/** `name=value`, comma-separated; values may be percent-encoded. */
export function headerList(text: string, context: Context): Readonly<Record<string, string>> {
  const pairs = text.split(",").map((part) => /^\s*([\w-]+)=([^\r\n]+?)\s*$/.exec(part));
  const found = pairs.map((pair) => [pair?.[1] ?? "", decoded(pair?.[2] ?? "")] as const);
  if (found.some(([name, value]) => !name || !value)) return refuse(context, "must look like name=value[,name=value]");
  return Object.fromEntries(found);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return "";
  }
}

export function flag(standard: "true" | "false" = "false") {
  return z
    .enum(["true", "false", "1", "0"], "must be true or false")
    .default(standard)
    .transform((text) => text === "true" || text === "1");
}

/** `eu=https://…,us=https://…` */
export function regionAddresses(text: string, context: Context): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const part of text.split(",")) {
    const [, name, address] = /^\s*([a-z0-9][a-z0-9-]{0,31})=(https:\/\/[^\s/]+)\/?\s*$/.exec(part) ?? [];
    if (!name || !address) return refuse(context, "must look like eu=https://eu.example.com,us=https://us.example.com");
    found[name] = address;
  }
  return found;
}

type Context = z.core.$RefinementCtx;

function refuse(context: Context, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

export function origin(text: string, context: Context): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return refuse(context, "must be an http or https address");
  if (url.pathname !== "/" || url.search || url.hash || url.username || url.password)
    return refuse(context, "must be scheme and host only, such as https://mcp.example.com");
  return url.origin;
}

/** As RFC 8707 has it: absolute, without a fragment. Nothing else is changed: it is compared letter by letter. */
export function resourceIdentifier(text: string, context: Context): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return refuse(context, "must be an http or https address");
  if (url.hash || url.search || url.username || url.password)
    return refuse(context, "must be an address without query, fragment or user");
  if (url.pathname !== "/" && url.href !== text) return refuse(context, "must be written as clients send it, such as https://api.example.com/mcp"); // biome-ignore format: one thought
  return url.pathname === "/" ? url.origin : text;
}

/** An address that the operator names, with one of these schemes and no user in it. */
export const address =
  (...schemes: string[]) =>
  (text: string, context: Context): string => {
    const url = URL.parse(text);
    if (!url || !schemes.includes(url.protocol) || !url.hostname)
      return refuse(context, `must be an address with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`);
    return url.username || url.password ? refuse(context, "must not hold a user or a password") : text;
  };

/** The bytes of a secret of a webhook. */
export function webhookSecret(text: string, context: Context): Buffer {
  const [, base64] = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/.exec(text) ?? [];
  const key = Buffer.from(base64 ?? "", "base64");
  if (key.length < 24 || key.length > 64) return refuse(context, "must be whsec_ and 24 to 64 bytes in base64");
  return key;
}

/** Shown in documentation as the form of a key, so everybody knows it. */
export const EXAMPLE_KEY = Buffer.from("vendorsmith-example-key-not-used").toString("base64");

/** The first signs, all verify. Their names are derived from them, so rows need no name given by a person. */
export function auditKeys(text: string, context: Context): readonly Buffer[] {
  const keys: Buffer[] = [];
  for (const entry of text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter(Boolean)) {
    // biome-ignore format: one thought
    const key = keyOf(entry);
    if (typeof key === "string") return refuse(context, key);
    if (keys.some((other) => other.equals(key))) return refuse(context, "holds one key twice");
    keys.push(key);
  }
  return keys.length > 0 ? keys : refuse(context, "must hold at least one key");
}

/** The 32 bytes, or what is wrong with them. */
export function keyOf(base64: string): Buffer | string {
  const key = Buffer.from(base64, "base64");
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(base64) || key.length !== 32) return "must be 32 bytes in base64";
  if (new Set(key).size < 8) return "is not random; make one with: openssl rand -base64 32";
  if (key.toString("base64") === EXAMPLE_KEY)
    return "is the documented example; make one with: openssl rand -base64 32";
  return key;
}

export function cookieKeys(text: string, context: Context): readonly string[] {
  const keys = text.split(/[,\n]/).map((part) => part.trim()).filter(Boolean); // biome-ignore format: one thought
  if (keys.length === 0) return refuse(context, "must hold at least one key");
  if (keys.some((key) => key.length < 32 || new Set(key).size < 8 || key === EXAMPLE_KEY))
    return refuse(context, "each must be at least 32 random characters; make one with: openssl rand -base64 32");
  return keys;
}

const Jwk = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  alg: z.literal("ES256").default("ES256"),
  use: z.literal("sig").default("sig"),
  kid: z.string().min(1),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

export function signingKeys(text: string, context: Context): readonly SigningKey[] {
  const json = jsonOf(text);
  // A list has something called keys as well.
  const set = json && typeof json === "object" && Object.hasOwn(json, "keys") ? (json as { keys: unknown }).keys : json;
  const keys = z
    .array(Jwk)
    .min(1)
    .safeParse(Array.isArray(set) ? set : [set]);
  if (!keys.success || !keys.data.every(isPrivateKey))
    return refuse(context, "must be private P-256 keys in JWK form, each with a kid");
  if (new Set(keys.data.map(({ kid }) => kid)).size < keys.data.length) return refuse(context, "names a kid twice");
  return keys.data;
}

const isPrivateKey = (key: JsonWebKey): boolean => {
  try {
    return createPrivateKey({ key, format: "jwk" }).type === "private";
  } catch {
    return false;
  }
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const NAMED_RANGES = new Set(["loopback", "linklocal", "uniquelocal"]);

export function proxies(text: string, context: Context): string[] {
  const list = text.split(",").map((part) => part.trim()).filter(Boolean); // biome-ignore format: one thought
  const valid = list.every((entry) => {
    const [address = "", bits, more] = entry.split("/");
    const most = isIP(address) === 6 ? 128 : 32;
    const width = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    return NAMED_RANGES.has(entry) || (isIP(address) > 0 && width > 0 && width <= most && more === undefined);
  });
  return valid ? list : refuse(context, "must list addresses or ranges, such as 10.0.0.0/8; never everybody");
}

/** In lower case, as Node hands headers over. */
export function headerName(text: string, context: Context): string {
  const name = text.trim().toLowerCase();
  return /^[a-z0-9-]+$/.test(name) ? name : refuse(context, "must be the name of one header");
}

export function schemes(text: string, context: Context): readonly string[] {
  const list = text.split(",").map((part) => part.trim().replace(/:$/, "").toLowerCase()).filter(Boolean); // biome-ignore format: one thought
  const bad = list.filter((scheme) => !/^[a-z][a-z0-9+.-]*$/.test(scheme) || DANGEROUS_SCHEMES.has(scheme));
  return bad.length === 0 ? list : refuse(context, "must list private schemes of applications, such as cursor,vscode");
}

/** Host names, each with the origin of a worker. No worker serves two: what one tenant's holds is that tenant's alone. */
export function tenants(text: string, context: Context): ReadonlyMap<string, string> {
  const parsed = z.record(z.string(), z.string()).safeParse(jsonOf(text));
  if (!parsed.success || Object.keys(parsed.data).length === 0)
    return refuse(context, "must be a JSON object, host to the worker's origin, with one host at least");
  const found = new Map<string, string>();
  for (const [host, worker] of Object.entries(parsed.data)) {
    const url = URL.parse(worker);
    if (URL.parse(`https://${host}`)?.hostname !== host) return refuse(context, `"${host}" is no host name`);
    if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`)
      return refuse(context, `"${host}" needs scheme, host and port of its worker alone`);
    if ([...found.values()].includes(url.origin)) return refuse(context, `"${host}" shares its worker with another`);
    found.set(host, url.origin);
  }
  return found;
}

/** Names of vendors as they stand in addresses. Whether there are such is known where they are loaded. */
export function slugs(text: string, context: Context): readonly string[] {
  const list = text.split(/[,\s]+/).filter(Boolean);
  const valid = list.length > 0 && list.every((slug) => /^[a-z][a-z0-9-]*$/.test(slug));
  return valid ? [...new Set(list)] : refuse(context, "must list vendors as they stand in addresses, comma-separated");
}

/** `desk.example.com`, `*.example.com` or `*`, with or without a port. */
export function hostPatterns(text: string, context: Context): readonly string[] {
  const list = text.split(",").map((part) => part.trim().toLowerCase()).filter(Boolean); // biome-ignore format: one thought
  const valid = list.every((entry) => /^(\*|(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]+)(:\d{1,5})?$/.test(entry));
  return valid ? list : refuse(context, "must list host names, such as desk.example.com or *.example.com:8443");
}

const DANGEROUS_SCHEMES = new Set(
  "http https javascript data file blob about ftp ws wss intent view-source vbscript mailto".split(" "),
);

export function vendorOrigins(text: string, context: Context): Readonly<Record<string, string>> {
  const origins = z.record(z.string(), z.string()).safeParse(jsonOf(text));
  if (!origins.success) return refuse(context, "must be a JSON object, vendor to URL");
  const urls = Object.entries(origins.data).map(([vendor, address]) => [vendor, URL.parse(address)] as const);
  if (!urls.every(([, url]) => url && /^https?:$/.test(url.protocol) && isLoopback(url.hostname)))
    return refuse(context, "may only name loopback addresses");
  return Object.fromEntries(urls.map(([vendor, url]) => [vendor, url!.href.replace(/\/$/, "")]));
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  return host === "localhost" || (family > 0 && loopback.check(host, family === 6 ? "ipv6" : "ipv4"));
}

/** Addresses with a comma between, each absolute. */
export function addresses(text: string, context: Context): readonly string[] {
  const all = text.split(/[,\s]+/).filter(Boolean);
  const wrong = all.find((one) => !URL.canParse(one));
  return wrong === undefined && all.length > 0 ? all : refuse(context, "must be absolute addresses, comma-separated");
}

const SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

export function algorithms(text: string, context: Context): readonly string[] {
  const all = text.split(/[,\s]+/).filter(Boolean);
  const wrong = all.some((one) => !SIGNATURES.includes(one));
  return wrong || all.length === 0 ? refuse(context, `must be of ${SIGNATURES.join(", ")}`) : all;
}
