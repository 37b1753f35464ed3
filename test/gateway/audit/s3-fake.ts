import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export const S3_KEY = { keyId: "AKIDEXAMPLE", secret: "s3cret-for-the-fake-only", region: "eu-test-1" };

/** A small stand-in for an S3-compatible store, by the letter of Signature Version 4: it keeps only what is signed right. */
export async function s3Fake() {
  const objects = new Map<string, { body: string; headers: IncomingMessage["headers"] }>();
  const fake = { objects, status: 200, refused: 0 };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const problem = problemOf(request, body);
    if (problem) fake.refused++;
    const status = problem ? 403 : fake.status;
    if (status === 200) objects.set(request.url!, { body: body.toString(), headers: request.headers });
    response.writeHead(status).end(problem);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(fake, { url, close: () => new Promise((closed) => server.close(closed)) });
}

function problemOf({ method, url, headers }: IncomingMessage, body: Buffer): string | undefined {
  const header = (name: string) => String(headers[name] ?? "");
  const authorization =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/([^/]+)\/s3\/aws4_request), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, keyId, scope, region, signed = "", signature] = authorization.exec(header("authorization")) ?? [];
  if (keyId !== S3_KEY.keyId || region !== S3_KEY.region) return "unknown key or region";
  const hash = createHash("sha256").update(body).digest("hex");
  if (header("x-amz-content-sha256") !== hash) return "the body is another one";
  if (header("content-md5") !== createHash("md5").update(body).digest("base64")) return "bad digest";
  const names = signed.split(";");
  if (!["host", "x-amz-date", "x-amz-content-sha256"].every((name) => names.includes(name))) return "not all is signed";
  for (const name of Object.keys(headers))
    if (name.startsWith("x-amz-") && !names.includes(name)) return `${name} is not signed`;
  const canonical = [method, url, "", ...names.map((name) => `${name}:${header(name).trim()}`), "", signed, hash].join(
    "\n",
  );
  const text = ["AWS4-HMAC-SHA256", header("x-amz-date"), scope, createHash("sha256").update(canonical).digest("hex")];
  let key = Buffer.from(`AWS4${S3_KEY.secret}`);
  for (const part of scope!.split("/")) key = createHmac("sha256", key).update(part).digest();
  const expected = createHmac("sha256", key).update(text.join("\n")).digest("hex");
  return expected === signature ? undefined : "the signature does not fit";
}
