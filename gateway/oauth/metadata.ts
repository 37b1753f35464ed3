import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { metadataOf, WELL_KNOWN } from "./resources.ts";
import type { AuthorizationServer } from "./server.ts";

/** RFC 9728: a document for every address under which tools are served. The root document is that of the origin. */
export async function serveMetadata(scope: FastifyInstance, { resources, config }: AuthorizationServer) {
  // Clients in a browser ask first, because they send a header of MCP's.
  scope.options(`${WELL_KNOWN}/*`, (_request, reply) =>
    reply
      .code(204)
      .headers({ ...HEADERS, ...PREFLIGHT })
      .send(),
  );
  for (const path of [WELL_KNOWN, `${WELL_KNOWN}/*`]) scope.get(path, answer);

  async function answer(request: FastifyRequest, reply: FastifyReply) {
    reply.headers(HEADERS);
    const path = request.url.split("?")[0]!.slice(WELL_KNOWN.length);
    const resource = resources.byPath(path || "/");
    if (resource)
      return reply.header("cache-control", "public, max-age=300").send(metadataOf(resource, config.publicUrl));
    return reply.code(404).send({ error: "not_found", error_description: "There is no such resource." });
  }
}

const HEADERS = {
  "access-control-allow-origin": "*",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

const PREFLIGHT = {
  "access-control-allow-methods": "GET",
  "access-control-allow-headers": "mcp-protocol-version",
  "access-control-max-age": "3600",
};
