import type { RemoteKey } from "../../config/master-keys.ts";
import type { KeyService, ServiceOutcome } from "../remote-keys.ts";
import { optionalPackage } from "./package.ts";

/** A symmetric key of Google Cloud KMS, over REST. Signs in as the library does: application default credentials. */
export async function googleKms({ kid, origin, name }: RemoteKey): Promise<KeyService> {
  const { KeyManagementServiceClient } = await optionalPackage(
    () => import("@google-cloud/kms"),
    "@google-cloud/kms@6.3.0",
    kid,
  );
  const client = new KeyManagementServiceClient({ fallback: true, ...placeOf(origin) });
  return {
    async wrap(plaintext, bound, signal) {
      const request = { name, plaintext, additionalAuthenticatedData: bound };
      const [answer] = await client.encrypt(request, optionsOf(signal));
      const [, version] = /\/cryptoKeyVersions\/(\w+)$/.exec(answer.name ?? "") ?? [];
      return { ...(version && { version }), blob: Buffer.from(answer.ciphertext as Uint8Array) };
    },
    async unwrap(_version, ciphertext, bound, signal) {
      const request = { name, ciphertext, additionalAuthenticatedData: bound };
      const [{ plaintext }] = await client.decrypt(request, optionsOf(signal));
      return Buffer.from(plaintext as Uint8Array);
    },
    outcomeOf,
  };
}

function placeOf(origin: string | undefined) {
  if (!origin) return {};
  const { protocol, hostname, port } = new URL(origin);
  return {
    apiEndpoint: hostname,
    protocol: protocol.replace(":", ""),
    port: Number(port) || (protocol === "http:" ? 80 : 443),
  };
}

/** Patience is ours: the library repeats nothing. */
const optionsOf = (_signal: AbortSignal) => ({ retry: null, timeout: 3000 });

/** Numbers of gRPC. */
const OUTCOMES: Record<number, ServiceOutcome> = {
  3: "wrong",
  5: "unknown",
  7: "refused",
  9: "refused",
  16: "refused",
};

const outcomeOf = (error: unknown): ServiceOutcome => OUTCOMES[(error as { code?: number }).code ?? 0] ?? "away";
