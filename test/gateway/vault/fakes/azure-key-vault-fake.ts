import { execFileSync } from "node:child_process";
import { constants, generateKeyPairSync, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Answer, type KeyFake, keyFake } from "./key-fake.ts";

export const AZURE = { token: "azure-access-token", header: "identity-header" };

/**
 * Get, wrap and unwrap of a key of Azure Key Vault behind its bearer challenge, and the token address that Azure gives
 * to apps with a managed identity. A fake, not Azure. The library insists on TLS, so it has a certificate of its own.
 */
export async function azureKeyVaultFake(folder: string): Promise<KeyFake & { host: string; cert: string }> {
  const tls = certificate(folder);
  const keys: { version: string; pair: { publicKey: KeyObject; privateKey: KeyObject } }[] = [];
  const turn = () =>
    void keys.push({
      version: String(keys.length + 1).padStart(32, "a"),
      pair: generateKeyPairSync("rsa", { modulusLength: 2048 }),
    });
  turn();
  const error = (status: number, code: string): Answer => ({ status, body: { error: { code, message: "" } } });
  const fake = await keyFake(
    ({ method, path, headers, text }, { complaints, host }: KeyFake & { host?: string }) => {
      const url = new URL(path, `https://${host}`);
      if (url.pathname === "/token") {
        if (headers["x-identity-header"] !== AZURE.header) return error(403, "wrong header");
        const expires_on = Math.floor(Date.now() / 1000) + 3600;
        return { body: { access_token: AZURE.token, expires_on, token_type: "Bearer", resource: "https://vault.azure.net" } }; // biome-ignore format: one thought
      }
      if (!url.searchParams.get("api-version")) complaints.push("no api-version");
      if (headers.authorization !== `Bearer ${AZURE.token}`) {
        if (headers.authorization) complaints.push("another token");
        const challenge = `Bearer authorization="https://login.microsoftonline.com/tenant", resource="https://vault.azure.net"`;
        return { status: 401, headers: { "www-authenticate": challenge } };
      }
      const [, , name, version, what] = url.pathname.split("/");
      const found = version ? keys.find((key) => key.version === version) : keys.at(-1);
      if (name !== "main" || !found) return error(404, "KeyNotFound");
      const kid = `https://${host}/keys/main/${found.version}`;
      if (method === "GET") {
        const jwk = found.pair.publicKey.export({ format: "jwk" });
        return { body: { key: { ...jwk, kid, key_ops: ["wrapKey", "unwrapKey"] }, attributes: { enabled: true } } };
      }
      const { alg, value } = JSON.parse(text);
      if (alg !== "RSA-OAEP-256") return error(400, "BadParameter");
      const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
      const bytes = Buffer.from(value, "base64url");
      try {
        const done =
          what === "wrapkey"
            ? publicEncrypt({ key: found.pair.publicKey, ...padding }, bytes)
            : privateDecrypt({ key: found.pair.privateKey, ...padding }, bytes);
        return { body: { kid, value: done.toString("base64url") } };
      } catch {
        return error(400, "BadParameter");
      }
    },
    {
      turn,
      trouble: { throttled: error(429, "Throttled"), refusing: error(403, "Forbidden") },
      isAside: (path) => path.startsWith("/token"),
      tls,
    },
  );
  return Object.assign(fake, { cert: tls.cert });
}

function certificate(folder: string) {
  const [key, cert] = [`${folder}/fake.key`, `${folder}/fake.crt`];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  const names = ["-subj", "/CN=fake", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", ...curve, "-nodes", "-days", "2", ...names, "-keyout", key, "-out", cert], { stdio: "ignore" }); // biome-ignore format: one thought
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}
