import { generateKeyPairSync, randomBytes } from "node:crypto";

/** The keys that production needs, new, by their variables. */
export function newKeys(): Record<"VAULT_KEYS" | "AUDIT_KEY" | "COOKIE_KEYS" | "SIGNING_KEYS", string> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    VAULT_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    AUDIT_KEY: randomBytes(32).toString("base64"),
    COOKIE_KEYS: randomBytes(32).toString("base64url"),
    SIGNING_KEYS: JSON.stringify({ ...privateKey.export({ format: "jwk" }), kid: "s1", alg: "ES256", use: "sig" }),
  };
}
