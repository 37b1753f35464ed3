import { createHash, createHmac } from "node:crypto";
import { type Answer, type KeyFake, keyFake, versions } from "./key-fake.ts";

export const AWS = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "s3cret-for-the-fake-only",
  region: "eu-test-1",
  alias: "alias/vendorsmith",
};

/** Encrypt and Decrypt of AWS KMS by the letter of its JSON protocol and of Signature Version 4. A fake, not AWS. */
export async function awsKmsFake(): Promise<KeyFake & { host: string }> {
  const keys = versions();
  const error = (status: number, type: string): Answer => ({
    status,
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: { __type: type, message: "" },
  });
  return await keyFake(
    ({ path, headers, text }, { complaints }) => {
      const problem = problemOf(path, headers, text);
      if (problem) {
        complaints.push(problem);
        return error(400, "InvalidSignatureException");
      }
      const { KeyId, Plaintext, CiphertextBlob, EncryptionContext } = JSON.parse(text);
      if (KeyId !== AWS.alias) return error(400, "NotFoundException");
      const bound = Buffer.from(JSON.stringify(EncryptionContext ?? {}));
      if (headers["x-amz-target"] === "TrentService.Encrypt") {
        const box = Buffer.concat([Buffer.from([keys.current()]), keys.seal(Buffer.from(Plaintext, "base64"), bound)]);
        return { body: { CiphertextBlob: box.toString("base64"), KeyId: "arn:aws:kms:eu-test-1:1:key/1" } };
      }
      const blob = Buffer.from(CiphertextBlob, "base64");
      const plain = keys.open(blob[0]!, blob.subarray(1), bound);
      return plain ? { body: { Plaintext: plain.toString("base64") } } : error(400, "InvalidCiphertextException");
    },
    {
      turn: keys.turn,
      trouble: { throttled: error(400, "ThrottlingException"), refusing: error(400, "AccessDeniedException") },
    },
  );
}

function problemOf(path: string, headers: Record<string, unknown>, body: string): string | undefined {
  const header = (name: string) => String(headers[name] ?? "");
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/([^/]+)\/kms\/aws4_request), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, keyId, scope, region, signed = "", signature] = form.exec(header("authorization")) ?? [];
  if (keyId !== AWS.AWS_ACCESS_KEY_ID || region !== AWS.region) return "unknown key or region";
  const names = signed.split(";");
  if (!["host", "x-amz-date", "x-amz-target"].every((name) => names.includes(name))) return "not all is signed";
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const lines = names.map((name) => `${name}:${header(name).trim()}`);
  const canonical = ["POST", path, "", ...lines, "", signed, sha256(body)].join("\n");
  const text = ["AWS4-HMAC-SHA256", header("x-amz-date"), scope, sha256(canonical)].join("\n");
  let key = Buffer.from(`AWS4${AWS.AWS_SECRET_ACCESS_KEY}`);
  for (const part of scope!.split("/")) key = createHmac("sha256", key).update(part).digest();
  return createHmac("sha256", key).update(text).digest("hex") === signature ? undefined : "the signature does not fit";
}
