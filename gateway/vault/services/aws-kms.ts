import { type RemoteKey, regionOf } from "../../config/master-keys.ts";
import type { KeyService, ServiceOutcome } from "../remote-keys.ts";
import { optionalPackage } from "./package.ts";

/**
 * A symmetric key of AWS KMS. It turns its own key material inside; what it wraps says which, so there are no versions
 * here. Signs in as the library does: variables, a role of the pod, container or machine.
 */
export async function awsKms({ kid, origin, name, options }: RemoteKey): Promise<KeyService> {
  const { KMSClient, EncryptCommand, DecryptCommand } = await optionalPackage(
    () => import("@aws-sdk/client-kms"),
    "@aws-sdk/client-kms@3.1164.0",
    kid,
  );
  const client = new KMSClient({
    region: regionOf({ name, options })!,
    maxAttempts: 1, // patience is ours
    ...(origin && { endpoint: origin }),
  });
  return {
    async wrap(key, bound, abortSignal) {
      const command = new EncryptCommand({ KeyId: name, Plaintext: key, EncryptionContext: contextOf(bound) });
      const { CiphertextBlob } = await client.send(command, { abortSignal });
      return { blob: Buffer.from(CiphertextBlob!) };
    },
    async unwrap(_version, blob, bound, abortSignal) {
      const command = new DecryptCommand({ KeyId: name, CiphertextBlob: blob, EncryptionContext: contextOf(bound) });
      const { Plaintext } = await client.send(command, { abortSignal });
      const key = Buffer.from(Plaintext!);
      Plaintext!.fill(0);
      return key;
    },
    outcomeOf,
  };
}

/** CloudTrail shows it. */
const contextOf = (bound: Buffer) => ({ vendorsmith: bound.toString("base64url") });

const OUTCOMES: Record<string, ServiceOutcome> = {
  InvalidCiphertextException: "wrong",
  IncorrectKeyException: "wrong",
  NotFoundException: "unknown",
  InvalidKeyUsageException: "refused",
  AccessDeniedException: "refused",
  DisabledException: "refused",
  KMSInvalidStateException: "refused",
  UnrecognizedClientException: "refused",
  InvalidSignatureException: "refused",
  IncompleteSignatureException: "refused",
  CredentialsProviderError: "refused",
};

const outcomeOf = (error: unknown): ServiceOutcome => OUTCOMES[error instanceof Error ? error.name : ""] ?? "away";
