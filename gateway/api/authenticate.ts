import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../calls/caller.ts";
import { narrowScope } from "../database/scope.ts";
import { openDoorCaller } from "../oauth/open-door.ts";
import { ALL_VENDORS } from "../oauth/resources.ts";
import { verifyToken } from "../oauth/verifier.ts";
import type { Right } from "../policy/roles.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls, on routes of the API. */
    apiCaller: Caller | undefined;
  }
}

/** The API belongs to the address of all vendors: tokens for one vendor's address are not for it (RFC 8707). */
export async function authenticateApi(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply) {
  const resource = app.resources.canonical(ALL_VENDORS)!; // there is always the one of all
  const token = tokenOf(request);
  const caller = await callerOfApi(app, request);
  if (caller) {
    request.apiCaller = caller;
    narrowScope(caller.orgId);
    return;
  }
  const metadata = `resource_metadata="${resource.metadataUrl}"`;
  const problem = token ? `error="invalid_token", ` : "";
  await reply
    .code(401)
    .header("www-authenticate", `Bearer ${problem}${metadata}`)
    .send({
      code: "UNAUTHENTICATED",
      message: `Send a token for ${resource.url} as Authorization: Bearer. People make one under Settings, Tokens.`,
      requestId: request.id,
    });
}

/** @returns undefined without a valid token for the API */
export async function callerOfApi(app: FastifyInstance, request: FastifyRequest): Promise<Caller | undefined> {
  const token = tokenOf(request);
  const caller = token ? await verifyToken(app, token) : await withoutToken(app);
  return caller?.audience === app.resources.canonical(ALL_VENDORS)!.audience ? caller : undefined;
}

const tokenOf = ({ headers }: FastifyRequest) => /^Bearer ([\w.~+/-]+=*)$/i.exec(headers.authorization ?? "")?.[1];

const withoutToken = async (app: FastifyInstance) => (app.config.tokens.api ? undefined : await openDoorCaller(app));

/** @returns whether the caller's token has this right; otherwise the answer has gone out */
export async function requireRight(request: FastifyRequest, reply: FastifyReply, right: Right): Promise<boolean> {
  if (request.apiCaller!.rights.has(right)) return true;
  await reply.code(403).send({
    code: "FORBIDDEN",
    message: `This token lacks the right org:${right}, or the role ${request.apiCaller!.role} does.`,
    requestId: request.id,
  });
  return false;
}
