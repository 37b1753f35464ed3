import type { AuthInfo } from "@modelcontextprotocol/server";
import { bearerAuthChallengeResponse, type OAuthTokenVerifier, verifyBearerToken } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DatabaseUnavailable } from "../database/unavailable.ts";
import { ALL_VENDORS, type Resource } from "../oauth/resources.ts";
import { scopesFor } from "../policy/decide.ts";

/** What a token has to be at one address, as the authorization server knows it; all forms of it share one audience. */
export interface Demand {
  readonly vendor: string;
  readonly expectedResource: URL;
  readonly requiredScopes: string[];
  readonly resourceMetadataUrl: string;
}

/** Made once for each address and not for each request. */
export const demandOf = ({ vendor, audience, metadataUrl }: Resource): Demand => ({
  vendor,
  expectedResource: new URL(audience),
  // For all vendors no scope is a must: what a token may do depends on the tool.
  requiredScopes: vendor === ALL_VENDORS ? [] : [...scopesFor(vendor, "read")],
  resourceMetadataUrl: metadataUrl,
});

/** Who calls without a token, where the operator does without them. */
export type OpenDoor = (vendor: string) => Promise<AuthInfo | undefined>;

/**
 * Reads the bearer token of a request, before its method or body is looked at.
 * Answers 401 or 403 itself, naming the metadata document of the URL that was asked, and then gives undefined.
 */
export async function authenticate(
  request: FastifyRequest,
  reply: FastifyReply,
  { demand, verifier, openDoor }: { demand: Demand; verifier: OAuthTokenVerifier; openDoor?: OpenDoor },
): Promise<AuthInfo | undefined> {
  if (openDoor && request.headers.authorization === undefined) return await openDoor(demand.vendor);
  try {
    return await verifyBearerToken(request.headers.authorization, { verifier, ...demand });
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    const refusal = bearerAuthChallengeResponse(error, demand);
    if (refusal.status >= 500) request.log.error({ err: error }, "token could not be verified");
    await reply
      .code(refusal.status)
      .headers(Object.fromEntries(refusal.headers))
      .send(await refusal.text());
    return undefined;
  }
}
