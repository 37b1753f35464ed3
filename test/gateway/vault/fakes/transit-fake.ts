import { type Answer, type KeyFake, keyFake, versions } from "./key-fake.ts";

export const TRANSIT = { token: "hvs.fake", role: "vendorsmith", roleId: "role-1", secretId: "secret-1", jwt: "jwt-1" };

/** The transit engine's two calls and two logins, as HashiCorp and OpenBao document them. A fake, not a server of theirs. */
export async function transitFake(): Promise<KeyFake & { host: string; revoke(): void }> {
  const keys = versions();
  let issued = "";
  let count = 0;
  const login = (): Answer => {
    issued = `hvs.issued-${++count}`;
    return { body: { auth: { client_token: issued, lease_duration: 3600, renewable: true } } };
  };
  const error = (status: number, text: string): Answer => ({ status, body: { errors: [text] } });
  const fake = await keyFake(
    ({ method, path, headers, text }, { complaints }) => {
      const body = JSON.parse(text);
      if (method !== "POST") complaints.push(`${method} is not asked`);
      if (headers["x-vault-namespace"] !== "msp") complaints.push("not in the namespace");
      if (path === "/v1/auth/approle/login")
        return body.role_id === TRANSIT.roleId && body.secret_id === TRANSIT.secretId ? login() : error(400, "invalid role or secret ID"); // biome-ignore format: one thought
      if (path === "/v1/auth/kubernetes/login")
        return body.role === TRANSIT.role && body.jwt === TRANSIT.jwt ? login() : error(403, "permission denied");
      const token = headers["x-vault-token"];
      if (token !== TRANSIT.token && token !== issued) return error(403, "permission denied");
      const bound = Buffer.from(body.associated_data ?? "", "base64");
      if (path === "/v1/keys/transit/encrypt/main") {
        const box = keys.seal(Buffer.from(body.plaintext, "base64"), bound);
        return { body: { data: { ciphertext: `vault:v${keys.current()}:${box.toString("base64")}` } } };
      }
      if (path !== "/v1/keys/transit/decrypt/main") return error(404, "no handler for route");
      const [, version, box] = /^vault:v(\d+):(.+)$/.exec(body.ciphertext) ?? [];
      if (!version || !box) return error(400, "invalid ciphertext: no prefix");
      if (Number(version) > keys.current()) return error(400, "invalid ciphertext: version is too new");
      const plain = keys.open(Number(version), Buffer.from(box, "base64"), bound);
      return plain
        ? { body: { data: { plaintext: plain.toString("base64") } } }
        : error(400, "cipher: message authentication failed");
    },
    {
      turn: keys.turn,
      trouble: {
        throttled: error(429, "request path 'keys/transit': rate limit quota exceeded"),
        refusing: error(403, "permission denied"),
      },
      isAside: (path) => path.startsWith("/v1/auth/"),
    },
  );
  return Object.assign(fake, {
    revoke() {
      issued = "";
    },
  });
}
