import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { RemoteKey } from "../../config/master-keys.ts";
import type { KeyService, ServiceOutcome } from "../remote-keys.ts";

export interface TransitLogin {
  readonly token?: string | undefined;
  readonly roleId?: string | undefined;
  readonly secretId?: string | undefined;
}

/** Where Kubernetes puts the token of the pod's service account; it is renewed there. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** Signs in again so long before a token ends. */
const EARLY_MS = 30_000;

/**
 * The transit engine of HashiCorp Vault or OpenBao, over its HTTP interface. The key has to be one with authenticated
 * encryption (aes256-gcm96, the default, or chacha20-poly1305): only these take associated data.
 * @see https://openbao.org/api-docs/secret/transit/
 */
export function transit(
  { origin, name, options }: RemoteKey,
  login: TransitLogin,
  { fetch = globalThis.fetch, serviceAccount = SERVICE_ACCOUNT } = {},
): KeyService {
  const [, mount = "", key = ""] = /^(.+)\/([^/]+)$/.exec(name) ?? [];
  const auth = options["auth"] ?? "token";
  let session: Promise<{ token: string; endsAt: number }> | undefined;

  return {
    async wrap(plain, bound, signal) {
      const { ciphertext } = await ask("encrypt", { plaintext: base64(plain), associated_data: base64(bound) }, signal);
      const [, version = ""] = /^vault:v(\d+):/.exec(ciphertext ?? "") ?? [];
      if (!ciphertext || !version) throw new TransitError(502, "no ciphertext");
      return { version, blob: Buffer.from(ciphertext) };
    },
    async unwrap(_version, blob, bound, signal) {
      const ciphertext = Buffer.from(blob).toString();
      const { plaintext } = await ask("decrypt", { ciphertext, associated_data: base64(bound) }, signal);
      return Buffer.from(plaintext ?? "", "base64");
    },
    outcomeOf,
  };

  async function ask(what: "encrypt" | "decrypt", body: object, signal: AbortSignal): Promise<Data> {
    const path = `${mount}/${what}/${encodeURIComponent(key)}`;
    const headers = await tokenHeader(signal);
    try {
      return (await post(path, body, signal, headers)).data ?? {};
    } catch (error) {
      // A token that was revoked before its time: one more sign-in decides.
      if (!(error instanceof TransitError && error.status === 403 && session)) throw error;
      session = undefined;
      return (await post(path, body, signal, await tokenHeader(signal))).data ?? {};
    }
  }

  async function tokenHeader(signal: AbortSignal): Promise<Record<string, string>> {
    if (auth === "agent") return {};
    if (auth === "token") return { "x-vault-token": login.token ?? "" };
    const known = await session?.catch(() => undefined);
    if (!known || known.endsAt < Date.now()) session = signIn(signal);
    return { "x-vault-token": (await session!).token };
  }

  async function signIn(signal: AbortSignal) {
    const body =
      auth === "kubernetes"
        ? { role: options["role"], jwt: (await readFile(serviceAccount, "utf8")).trim() }
        : { role_id: login.roleId, secret_id: login.secretId };
    const answer = await post(`auth/${auth}/login`, body, signal, {});
    if (!answer.auth) throw new TransitError(502, "no token");
    return { token: answer.auth.client_token, endsAt: Date.now() + answer.auth.lease_duration * 1000 - EARLY_MS };
  }

  async function post(path: string, body: object, signal: AbortSignal, headers: Record<string, string>) {
    const namespace = options["namespace"];
    const answer = await fetch(`${origin}/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(namespace && { "x-vault-namespace": namespace }), ...headers },
      body: JSON.stringify(body),
      redirect: "error",
      signal,
    });
    if (!answer.ok) throw new TransitError(answer.status, (await answer.text()).slice(0, 2000));
    return Answer.parse(await answer.json());
  }
}

const Answer = z.object({
  data: z.object({ ciphertext: z.string().optional(), plaintext: z.string().optional() }).nullish(),
  auth: z.object({ client_token: z.string(), lease_duration: z.number() }).nullish(),
});
type Data = NonNullable<z.output<typeof Answer>["data"]>;

/** `said` decides what it means and goes no further. */
class TransitError extends Error {
  override readonly name = "TransitError";
  readonly status: number;
  readonly said: string;
  constructor(status: number, said: string) {
    super(`The transit engine answered ${status}.`);
    this.status = status;
    this.said = said;
  }
}

function outcomeOf(error: unknown): ServiceOutcome {
  if (!(error instanceof TransitError)) return "away";
  if (error.status === 400) return /key not found|version/i.test(error.said) ? "unknown" : "wrong";
  if (error.status === 404) return "unknown";
  return error.status === 401 || error.status === 403 ? "refused" : "away";
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
