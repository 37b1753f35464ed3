import {
  type AuthInfo,
  createMcpHandler,
  type McpRequestContext,
  type McpServer,
  type McpServerFactory,
  type ServerNotifier,
} from "@modelcontextprotocol/server";
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import { STATUS_TOOL } from "../calls/approval-status.ts";
import { listingFor, type ToolDefinition } from "../calls/catalog.ts";
import { isTold, noteDenied } from "../calls/deny.ts";
import type { Listing } from "../calls/listing.ts";
import { callerOf } from "../oauth/verifier.ts";
import { exchange } from "./exchange.ts";
import { listAnswers } from "./list-answers.ts";
import { isListing, toolCalls, withRequest } from "./request.ts";
import { callRequest, LIST_TTL_MS, type ServerParts, toolServer } from "./server.ts";

export type ServerFactory = (context: McpRequestContext, notify: ServerNotifier) => McpServer;

/** What stands behind an address. Requests that reach it carry a verified token for it. */
export interface Door {
  serve(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
  list(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
  close(): Promise<void>;
}

/** One handler, one server per request: of a caller nothing is remembered between requests. */
export function door(parts: ServerParts & { log: FastifyBaseLogger }, replacement?: ServerFactory): Door {
  const { catalog, log } = parts;
  const build: McpServerFactory = (context) => replacement?.(context, handler.notify) ?? toolServer(parts, context);
  const handler = createMcpHandler(build, {
    legacy: "stateless",
    onerror: (err) => log.warn({ at: catalog.slug, err }, "MCP request rejected"),
  });
  const answerList = listAnswers(handler);

  return {
    async serve(request, reply) {
      const passed = () => withRequest(request.mcpAuth!, request);
      if (isListing(request.body)) {
        const listing = listingFor(callerOf(request.mcpAuth), catalog);
        noteLeftOut(request, listing);
        if (!replacement && (await answerList(request, reply, { listing, auth: passed }))) return;
      }

      const auth = passed();
      await noteHidden(parts, auth, request.body);
      const answer = () => exchange(handler, request, reply, auth);
      // A call's answer is waited for when the process ends; a stream of news would never end.
      await (toolCalls(request.body).length > 0 ? parts.support.during(answer) : answer());
    },

    async list(request, reply) {
      const tools = definitionsOf(listingFor(callerOf(request.mcpAuth), catalog));
      return reply.header("cache-control", `private, max-age=${LIST_TTL_MS / 1000}`).send({ tools });
    },

    close: () => handler.close(),
  };

  function noteLeftOut({ mcpAuth }: FastifyRequest, { leftOut }: Listing) {
    if (leftOut === 0) return;
    const { orgId: org } = callerOf(mcpAuth);
    log.warn({ at: catalog.slug, org, leftOut }, "extended tools not listed: clients take no more tools");
  }
}

/** Everything that a caller is shown. */
function definitionsOf({ tools, waits }: Listing): readonly ToolDefinition[] {
  const definitions = tools.map(({ definition }) => definition);
  return waits ? [...definitions, STATUS_TOOL] : definitions;
}

/**
 * A call of a tool that this caller must not even know of leaves a row; to the caller it is a tool that is not there.
 * Other hidden tools are refused, and recorded, by the call itself.
 */
async function noteHidden(parts: ServerParts, auth: AuthInfo, body: unknown) {
  for (const { name, args } of toolCalls(body)) {
    const entry = parts.catalog.tools.get(name);
    const request = entry && callRequest(parts, entry, args, auth);
    if (request && !isTold(request)) await noteDenied(parts.support, request);
  }
}
