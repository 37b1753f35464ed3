import { hostHeaderValidation, originValidation } from "@modelcontextprotocol/fastify";
import type { AuthInfo } from "@modelcontextprotocol/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import manifest from "../../package.json" with { type: "json" };
import { catalogOf, type Lock, unlockedTools } from "../calls/catalog.ts";
import { bearerVerifier } from "../oauth/verifier.ts";
import { authenticate } from "./authenticate.ts";
import { answerBadBody } from "./bad-body.ts";
import { connectStateCodec } from "./connect-request.ts";
import { publicHosts } from "./hosts.ts";
import { isNestedTooDeep } from "./request.ts";
import { callSupport, stateKey } from "./support.ts";
import { type ServerFactory, type VendorDoor, vendorDoor } from "./vendor-door.ts";

export interface McpOptions {
  /** Hashes of the tools that may be served. */
  readonly lock: Lock;
  /** Servers that take the place of a vendor's tools: the conformance fixtures, in tests alone. */
  readonly servers?: Readonly<Record<string, ServerFactory>>;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls, on MCP routes. */
    mcpAuth: AuthInfo | undefined;
  }
}

/** A request larger than this is refused before it is read. */
const BODY_LIMIT = 1024 * 1024;

/** One MCP endpoint per vendor, at /v1/{vendor} and /{vendor}/mcp, and the list of its tools as plain JSON. */
export default async function mcpRoutes(app: FastifyInstance, { lock, servers = {} }: McpOptions) {
  const doors = openDoors(app, lock, servers);
  const hosts = publicHosts(app.config.publicUrl);
  const verifier = bearerVerifier(app);

  app.decorateRequest("mcpAuth", undefined);
  app.addHook("onRequest", hostHeaderValidation(hosts));
  app.addHook("onRequest", originValidation(hosts));
  app.addHook("onRequest", admit);
  app.addHook("preHandler", async ({ body }) => {
    if (isNestedTooDeep(body)) throw Object.assign(new Error("nested too deep"), { statusCode: 400 });
  });
  app.addHook("preClose", async () => void (await Promise.all([...doors.values()].map((door) => door.close()))));
  app.setErrorHandler(answerBadBody);

  for (const path of ["/v1/:vendor", "/v1/:vendor/", "/:vendor/mcp", "/:vendor/mcp/"])
    app.all<Target>(path, { bodyLimit: BODY_LIMIT }, (request, reply) => doorOf(request).serve(request, reply));
  app.get<Target>("/v1/:vendor/tools/list", (request, reply) => doorOf(request).list(request, reply));

  /** The token first: whoever has none learns nothing about methods, bodies or tools. */
  async function admit(request: FastifyRequest, reply: FastifyReply) {
    const { vendor } = request.params as Target["Params"];
    const resource = app.resources.byPath(pathOf(request)) ?? app.resources.canonical(vendor);
    if (!resource || !doors.has(vendor)) return reply.code(404).send(unknownVendor(request));
    request.mcpAuth = await authenticate(request, reply, { resource, verifier });
  }

  const doorOf = (request: FastifyRequest<Target>) => doors.get(request.params.vendor)!;
}

interface Target {
  Params: { vendor: string };
}

function openDoors(app: FastifyInstance, lock: Lock, servers: Readonly<Record<string, ServerFactory>>) {
  const support = callSupport(app);
  const codec = connectStateCodec(stateKey(app));
  const doors = new Map<string, VendorDoor>();
  for (const vendor of app.vendors.values()) {
    const catalog = catalogOf(vendor, lock);
    const tools = unlockedTools(catalog);
    if (tools.length > 0) app.log.error({ vendor: vendor.slug, tools }, "tools not served, they differ from the lock");
    doors.set(
      vendor.slug,
      vendorDoor({ catalog, support, codec, log: app.log, version: manifest.version }, servers[vendor.slug]),
    );
  }
  return doors;
}

const pathOf = ({ url }: FastifyRequest) => url.split("?", 1)[0]!;

const unknownVendor = (request: FastifyRequest) => ({
  code: "UNKNOWN_VENDOR",
  message: "No such vendor is served here.",
  requestId: request.id,
});
