import { type Answer, type KeyFake, keyFake, versions } from "./key-fake.ts";

export const GOOGLE = {
  token: "ya29.fake",
  key: "projects/msp/locations/europe-west1/keyRings/vendorsmith/cryptoKeys/main",
};

/** encrypt and decrypt of Google Cloud KMS over REST, and the metadata server that hands out tokens. A fake, not Google. */
export async function googleKmsFake(): Promise<KeyFake & { host: string }> {
  const keys = versions();
  const error = (code: number, status: string): Answer => ({
    status: code,
    body: { error: { code, status, message: "no" } },
  });
  return await keyFake(
    ({ path, headers, text }, { complaints }) => {
      if (path.startsWith("/computeMetadata/")) return metadata(path);
      if (headers.authorization !== `Bearer ${GOOGLE.token}`) {
        complaints.push("no token");
        return error(401, "UNAUTHENTICATED");
      }
      const [, name, what] = /^\/v1\/([^:]+):(\w+)/.exec(path) ?? [];
      if (name !== GOOGLE.key) return error(404, "NOT_FOUND");
      const body = JSON.parse(text);
      const bytes = (field: string) => Buffer.from(body[field] ?? "", "base64");
      const bound = bytes("additionalAuthenticatedData");
      if (what === "encrypt") {
        const version = keys.current();
        const box = Buffer.concat([Buffer.from([version]), keys.seal(bytes("plaintext"), bound)]);
        return { body: { name: `${name}/cryptoKeyVersions/${version}`, ciphertext: box.toString("base64") } };
      }
      const blob = bytes("ciphertext");
      const plain = keys.open(blob[0]!, blob.subarray(1), bound);
      return plain ? { body: { plaintext: plain.toString("base64") } } : error(400, "INVALID_ARGUMENT");
    },
    {
      turn: keys.turn,
      trouble: { throttled: error(429, "RESOURCE_EXHAUSTED"), refusing: error(403, "PERMISSION_DENIED") },
      isAside: (path) => path.startsWith("/computeMetadata/"),
    },
  );
}

function metadata(path: string): Answer {
  const headers = { "metadata-flavor": "Google" };
  if (path.includes("/token"))
    return { headers, body: { access_token: GOOGLE.token, expires_in: 3600, token_type: "Bearer" } };
  if (path.includes("universe")) return { headers, body: "googleapis.com" };
  return { headers, body: path.includes("project-id") ? "msp" : "default/" };
}
