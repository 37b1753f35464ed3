import { reveal, type Secret } from "../secret.ts";
import type { Auth } from "./auth.ts";
import { grantToken } from "./grant-token.ts";
import { fingerprint } from "./kept.ts";
import { mintedAuth } from "./minted.ts";

export interface PasswordGrant {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string | Secret;
  readonly username: string | Secret;
  readonly password: string | Secret;
  /** Used when the answer does not say how long the token lives. */
  readonly lifetimeMs?: number;
}

/** OAuth 2 resource owner password grant: the keys are exchanged for a bearer token. */
export function passwordGrant(grant: PasswordGrant): Auth {
  const { tokenUrl, clientId, clientSecret, username, password, lifetimeMs } = grant;
  return mintedAuth({
    key: fingerprint(tokenUrl, clientId, clientSecret, username, password),
    secrets: [clientSecret, username, password],
    mint(context) {
      const client = Buffer.from(`${clientId}:${reveal(clientSecret)}`).toString("base64");
      const form = { grant_type: "password", username: reveal(username), password: reveal(password) };
      return grantToken({ url: tokenUrl, headers: { authorization: `Basic ${client}` }, form, lifetimeMs }, context);
    },
  });
}
