import { hostHeaderValidation, originValidation } from "@modelcontextprotocol/fastify";
import type { AuthInfo } from "@modelcontextprotocol/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { refuseDeepBody } from "../calls/depth.ts";
import { publicHosts } from "../config/hosts.ts";
import { narrowScope } from "../database/scope.ts";
import { openDoorCaller } from "../oauth/open-door.ts";
import { ALL_VENDORS } from "../oauth/resources.ts";
import { authOf, bearerVerifier, callerOf } from "../oauth/verifier.ts";
import { authenticate, demandOf, type OpenDoor } from "./authenticate.ts";
import { answerBadBody } from "./bad-body.ts";
import type { Door, ServerFactory } from "./door.ts";
import { openDoors } from "./doors.ts";

export interface McpOptions {
  /** Servers that take the place of a vendor's tools: the conformance fixtures, in tests alone. */
  readonly servers?: Readonly<Record<string, ServerFactory>>;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls, on MCP routes. */
    mcpAuth: AuthInfo | undefined;
    /** What stands behind the address it asked. */
    mcpDoor: Door | undefined;
  }
}

/** A request larger than this is refused before it is read. */
const BODY_LIMIT = 1024 * 1024;

const VENDOR_PATHS = ["/v1/:vendor", "/v1/:vendor/", "/:vendor/mcp", "/:vendor/mcp/"];
const ALL_PATHS = ["/mcp", "/mcp/"];

/**
 * An MCP endpoint per vendor, at /v1/{vendor} and /{vendor}/mcp, one for all that a person has connected, at /mcp, and
 * the list of a vendor's tools as plain JSON. `?profile=` keeps the tools with one tag, `?tools=search` puts three
 * tools that find and call the others in their place.
 */
export default async function mcpRoutes(app: FastifyInstance, { servers = {} }: McpOptions) {
  const doors = openDoors(app, servers);
  const hosts = publicHosts(app.config.publicUrl, app.config.resource);
  const verifier = bearerVerifier(app);
  const openDoor = app.config.tokens.mcp ? undefined : ownersDoor(app);
  const demands = new Map(app.resources.all.map((resource) => [resource, demandOf(resource)]));

  app.decorateRequest("mcpAuth", undefined);
  app.decorateRequest("mcpDoor", undefined);
  app.addHook("onRequest", hostHeaderValidation(hosts));
  app.addHook("onRequest", originValidation(hosts));
  app.addHook("onRequest", admit);
  app.addHook("preHandler", refuseDeepBody);
  app.addHook("preClose", () => doors.close());
  app.setErrorHandler(answerBadBody);

  for (const path of [...VENDOR_PATHS, ...ALL_PATHS]) app.all(path, { bodyLimit: BODY_LIMIT }, serve);
  // For clients that were given the bare address. A browser that opens it gets the home page.
  app.post("/", { bodyLimit: BODY_LIMIT }, serve);
  app.get("/v1/:vendor/tools/list", (request, reply) => request.mcpDoor!.list(request, reply));

  function serve(request: FastifyRequest, reply: FastifyReply) {
    return request.mcpDoor!.serve(request, reply);
  }

  /** What stands for all vendors is no name in an address. */
  const ownAddress = (vendor: string | undefined) =>
    vendor === undefined || vendor === ALL_VENDORS ? undefined : app.resources.canonical(vendor);

  /** The token first: whoever has none learns nothing about methods, bodies or tools. */
  async function admit(request: FastifyRequest, reply: FastifyReply) {
    const { vendor } = request.params as { vendor?: string };
    const resource = app.resources.byPath(pathOf(request)) ?? ownAddress(vendor);
    if (!resource || !doors.serves(resource.vendor)) return refuse(request, reply, UNKNOWN_VENDOR);
    const demand = demands.get(resource)!;
    request.mcpAuth = await authenticate(request, reply, { demand, verifier, openDoor });
    if (!request.mcpAuth) return reply.sent ? undefined : refuse(request, reply, NO_OWNER);
    narrowScope(callerOf(request.mcpAuth).orgId);
    request.mcpDoor = doors.open(resource.vendor, request.query as Record<string, unknown>);
    if (!request.mcpDoor)
      return refuse(request, reply, { code: "UNKNOWN_PROFILE", message: doors.profileHelp(resource.vendor) });
  }
}

/** In development without tokens, whoever calls is the first owner. */
const ownersDoor =
  (app: FastifyInstance): OpenDoor =>
  async (vendor) => {
    const caller = await openDoorCaller(app, vendor);
    return caller && authOf(caller);
  };

const pathOf = ({ url }: FastifyRequest) => url.split("?", 1)[0]!;

const UNKNOWN_VENDOR = { code: "UNKNOWN_VENDOR", message: "No such vendor is served here." };

const NO_OWNER = { code: "NO_OWNER", message: "Nobody has become the owner yet: open the set-up link." };

const refuse = (request: FastifyRequest, reply: FastifyReply, problem: { code: string; message: string }) =>
  reply.code(404).send({ ...problem, requestId: request.id });
