import { timingSafeEqual } from "node:crypto";
import type { CryptographyClient } from "@azure/keyvault-keys";
import type { RemoteKey } from "../../config/master-keys.ts";
import { isLoopback } from "../../config/values.ts";
import { VaultError } from "../errors.ts";
import type { KeyService, ServiceOutcome } from "../remote-keys.ts";
import { optionalPackage } from "./package.ts";

const ALGORITHM = "RSA-OAEP-256";

/**
 * An RSA key of Azure Key Vault or a managed HSM. Wrapping binds nothing there, so what is bound is wrapped together
 * with the key. Signs in as the library does: variables, a workload's or a managed identity.
 */
export async function azureKeyVault({ kid, origin, name }: RemoteKey): Promise<KeyService> {
  const { CryptographyClient, KeyClient } = await optionalPackage(
    () => import("@azure/keyvault-keys"),
    "@azure/keyvault-keys@4.10.2",
    kid,
  );
  const { DefaultAzureCredential } = await optionalPackage(
    () => import("@azure/identity"),
    "@azure/identity@4.14.1",
    kid,
  );
  const credential = new DefaultAzureCredential();
  const options = {
    retryOptions: { maxRetries: 0 }, // patience is ours
    disableChallengeResourceVerification: isLoopback(new URL(origin!).hostname),
  };
  const keys = new KeyClient(origin!, credential, options);
  const versions = new Map<string, CryptographyClient>();

  return {
    async wrap(key, bound, abortSignal) {
      const current = await keys.getKey(name, { abortSignal });
      const both = Buffer.concat([key, bound]);
      try {
        const client = new CryptographyClient(current, credential, options);
        const { result } = await client.wrapKey(ALGORITHM, both, { abortSignal });
        return { version: current.properties.version!, blob: Buffer.from(result) };
      } finally {
        both.fill(0);
      }
    },
    async unwrap(version, blob, bound, abortSignal) {
      const { result } = await clientOf(version ?? "").unwrapKey(ALGORITHM, blob, { abortSignal });
      const key = Buffer.from(result.subarray(0, 32));
      const given = Buffer.from(result.subarray(32));
      result.fill(0);
      if (given.length === bound.length && timingSafeEqual(given, bound)) return key;
      key.fill(0);
      throw new VaultError("WRONG_KEY", "Wrapped for another row.");
    },
    outcomeOf,
  };

  /** One each: it reads the key once, and there are a handful of versions. */
  function clientOf(version: string): CryptographyClient {
    const known = versions.get(version);
    if (known) return known;
    const client = new CryptographyClient(`${origin}/keys/${name}/${version}`, credential, options);
    versions.set(version, client);
    return client;
  }
}

function outcomeOf(error: unknown): ServiceOutcome {
  if (error instanceof VaultError) return "wrong";
  const { statusCode, name } = error as { statusCode?: number; name?: string };
  if (statusCode === 400) return "wrong";
  if (statusCode === 404) return "unknown";
  const isSignIn = name === "CredentialUnavailableError" || name === "AuthenticationError";
  return statusCode === 401 || statusCode === 403 || isSignIn ? "refused" : "away";
}
