import { reveal, type Secret } from "../secret.ts";
import type { Auth } from "./auth.ts";
import { grantToken } from "./grant-token.ts";
import type { HeaderFields } from "./headers.ts";
import { fingerprint } from "./kept.ts";
import { mintedAuth } from "./minted.ts";

export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string | Secret;
  readonly clientSecret: string | Secret;
  readonly scopes?: readonly string[];
  /** Added to the address as a query; what is empty is left out. */
  readonly params?: Readonly<Record<string, string | undefined>>;
  readonly lifetimeMs?: number;
  readonly headers?: HeaderFields;
}

/** OAuth 2 client credentials: a program's own id and secret, sent in the body, for a bearer token. */
export function clientCredentials(grant: ClientCredentials): Auth {
  const { clientId, clientSecret, scopes = [], headers, lifetimeMs } = grant;
  const url = withParams(grant.tokenUrl, grant.params);
  return mintedAuth({
    key: fingerprint(url, clientId, clientSecret, ...scopes),
    secrets: [clientId, clientSecret],
    headers,
    mint(context) {
      const form = {
        grant_type: "client_credentials",
        client_id: reveal(clientId),
        client_secret: reveal(clientSecret),
        ...(scopes.length > 0 && { scope: scopes.join(" ") }),
      };
      return grantToken({ url, form, lifetimeMs }, context);
    },
  });
}

/** An address with these in its query. */
export function withParams(address: string, params: Readonly<Record<string, string | undefined>> = {}): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(params)) if (value) url.searchParams.set(name, value);
  return url.href;
}
