import { type AuthInfo, OAuthError, OAuthErrorCode, type OAuthTokenVerifier } from "@modelcontextprotocol/server";
import type { Caller } from "../calls/caller.ts";
import { foreignCaller } from "./foreign-caller.ts";
import { personCaller } from "./person-caller.ts";
import type { AuthorizationServer } from "./server.ts";
import { serviceCaller } from "./service-caller.ts";

/** Three parts, as our own tokens never have. */
const isJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);

export interface TokenHolder {
  readonly oauth: Pick<AuthorizationServer, "db" | "now" | "resources" | "policies" | "foreign">;
}

/** @returns undefined for a token that is unknown, expired or ended */
export async function verifyToken(holder: TokenHolder, token: string): Promise<Caller | undefined> {
  const { foreign } = holder.oauth;
  if (foreign && isJwt(token)) return await foreignCaller(holder, foreign, token);
  return (await personCaller(holder, token)) ?? (await serviceCaller(holder, token));
}

/** For the SDK's bearer check, which compares the audience and writes the challenge. */
export function bearerVerifier(holder: TokenHolder): OAuthTokenVerifier {
  // One for each address, because to read one costs more than all that is checked here.
  const urls = new Map(holder.oauth.resources.all.map(({ audience }) => [audience, new URL(audience)]));
  return {
    async verifyAccessToken(token) {
      const caller = await verifyToken(holder, token);
      if (!caller) throw new OAuthError(OAuthErrorCode.InvalidToken, "The access token is not valid or has ended.");
      return authOf(caller, urls.get(caller.audience));
    },
  };
}

/** As the SDK passes it on, without the token: what is not there cannot be passed on further. */
export const authOf = (caller: Caller, resource = new URL(caller.audience)): AuthInfo => ({
  token: "",
  clientId: caller.clientId,
  scopes: [...caller.scopes],
  expiresAt: Math.floor(caller.expiresAt / 1000),
  resource,
  extra: { caller },
});

/** The caller a verified token carries. */
export function callerOf(auth: AuthInfo | undefined): Caller {
  const caller = auth?.extra?.caller as Caller | undefined;
  if (!caller) throw new Error("This request was not verified.");
  return caller;
}
