import type { AuthInfo } from "@modelcontextprotocol/server";
import { bearerAuthChallengeResponse, type OAuthTokenVerifier, verifyBearerToken } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DatabaseUnavailable } from "../database/unavailable.ts";
import { ALL_VENDORS } from "../oauth/resources.ts";
import { scopesFor } from "../policy/decide.ts";

/** One address as the authorization server knows it; all forms of it share one audience. */
export interface Resource {
  readonly vendor: string;
  readonly audience: string;
  readonly metadataUrl: string;
}

/** Who calls without a token, where the operator does without them. */
export type OpenDoor = (vendor: string) => Promise<AuthInfo | undefined>;

/**
 * Reads the bearer token of a request, before its method or body is looked at.
 * Answers 401 or 403 itself, naming the metadata document of the URL that was asked, and then gives undefined.
 */
export async function authenticate(
  request: FastifyRequest,
  reply: FastifyReply,
  { resource, verifier, openDoor }: { resource: Resource; verifier: OAuthTokenVerifier; openDoor?: OpenDoor },
): Promise<AuthInfo | undefined> {
  if (openDoor && request.headers.authorization === undefined) return await openDoor(resource.vendor);
  const challenge = {
    // For all vendors no scope is a must: what a token may do depends on the tool.
    requiredScopes: resource.vendor === ALL_VENDORS ? [] : [...scopesFor(resource.vendor, "read")],
    resourceMetadataUrl: resource.metadataUrl,
  };
  try {
    const auth = await verifyBearerToken(request.headers.authorization, {
      verifier,
      expectedResource: new URL(resource.audience),
      ...challenge,
    });
    // From here on nobody needs the token itself: what is not there cannot be passed on.
    return { ...auth, token: "" };
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    const refusal = bearerAuthChallengeResponse(error, challenge);
    if (refusal.status >= 500) request.log.error({ err: error }, "token could not be verified");
    await reply
      .code(refusal.status)
      .headers(Object.fromEntries(refusal.headers))
      .send(await refusal.text());
    return undefined;
  }
}
