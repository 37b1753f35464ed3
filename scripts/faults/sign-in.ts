import { createHash, randomUUID } from "node:crypto";
import type { Vendors } from "./vendors.ts";

/** Where people sign in at the vendor itself, so that their tokens have to be renewed. */
export const SIGNED_IN = "halopsa";

/** One person signs in at the simulated vendor; what it gave is then given to everybody, each with tokens of their own. */
export async function signInAtHalo({ fakes: { halopsa }, origins }: Vendors) {
  const { native, signIn, states } = halopsa;
  const agent = states.get(native.host)!.agents.find(({ login }) => login !== "")!;
  const verifier = randomUUID() + randomUUID();
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const redirect = "http://localhost/callback";
  const post = (path: string, form: Record<string, string>) =>
    fetch(`${origins[SIGNED_IN]}${path}`, { method: "POST", headers: { "x-forwarded-host": native.host }, body: new URLSearchParams(form), redirect: "manual" }); // biome-ignore format: one thought
  const query = new URLSearchParams({ tenant: native.tenant, client_id: native.clientId, redirect_uri: redirect, response_type: "code", scope: "all offline_access", code_challenge: challenge, code_challenge_method: "S256" }); // biome-ignore format: one thought
  const back = await post(`/auth/authorize?${query}`, { username: agent.login, password: agent.password });
  const code = new URL(back.headers.get("location")!).searchParams.get("code")!;
  const answer = await post(`/auth/token?tenant=${native.tenant}`, { grant_type: "authorization_code", code, client_id: native.clientId, redirect_uri: redirect, code_verifier: verifier }); // biome-ignore format: one thought
  if (answer.status !== 200) throw new Error(`Signing in at the simulated vendor answered ${answer.status}`);
  const [access] = [...signIn.tokens.values()];
  const [refresh] = [...signIn.refreshTokens.values()];
  const typed = { host: native.host, tenant: native.tenant, clientId: native.clientId, clientSecret: "" };
  return () => {
    const [accessToken, refreshToken, family] = [randomUUID(), randomUUID(), randomUUID()] as const;
    signIn.tokens.set(accessToken, { ...access!, family });
    signIn.refreshTokens.set(refreshToken, { ...refresh!, family });
    return { typed, tokens: { accessToken, refreshToken, expiresAt: Date.now() + 3_600_000 } };
  };
}
