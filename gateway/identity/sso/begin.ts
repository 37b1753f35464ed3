import { boundTo } from "../../database/boxes.ts";
import { newToken, tokenHash } from "../../database/ids.ts";
import type { SsoStateRow } from "../../database/schema.ts";
import { addSsoState } from "../../database/sso-states.ts";
import type { IdentityContext } from "../context.ts";
import type { SsoProvider } from "./provider.ts";

/** Somebody leaves for their provider. */
export interface Leaving {
  readonly purpose: SsoStateRow["purpose"];
  /** The cookie of this browser, which alone may come back. */
  readonly browser: string;
  /** Who is signed in here, and with which session, for `link` and `again`. */
  readonly signedIn?: { readonly userId: string; readonly session: string };
  readonly interaction?: string;
  /** A path of ours, for when it worked. */
  readonly returnTo: string;
  /** They have to sign in there now, whatever the provider remembers. */
  readonly fresh: boolean;
}

/** As long as an authorize request of an app waits for its person. */
const LIFETIME_MS = 15 * 60_000;

/**
 * The address at the provider to send this browser to.
 * @param callback our address that the provider sends it back to
 * @throws SsoError `unreachable`
 */
export async function beginSso(
  { db, vault, clock }: IdentityContext,
  provider: SsoProvider,
  leaving: Leaving,
  callback: string,
): Promise<string> {
  const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await import("openid-client"); // only where there is one
  const client = await provider.client();
  const [state, nonce, verifier] = [newToken(), newToken(), newToken()];
  const stateHash = tokenHash(state);
  const now = clock.now();
  const { purpose, browser, signedIn, interaction, returnTo, fresh } = leaving;
  const sealed = { provider: provider.id, nonce, verifier, fresh };
  await addSsoState(
    db,
    {
      state_hash: stateHash,
      browser_hash: tokenHash(browser),
      purpose,
      user_id: signedIn?.userId ?? null,
      session_hash: signedIn ? tokenHash(signedIn.session) : null,
      interaction: interaction ?? null,
      return_to: returnTo,
      box: await vault.box.seal(JSON.stringify(sealed), boundTo.ssoState(stateHash)),
      created_at: now,
      expires_at: now + LIFETIME_MS,
    },
    now,
  );
  return buildAuthorizationUrl(client, {
    redirect_uri: callback,
    scope: "openid email profile",
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...(fresh && { prompt: "login", max_age: "0" }),
  }).href;
}
