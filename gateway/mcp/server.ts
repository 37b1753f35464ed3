import {
  type AuthInfo,
  type McpRequestContext,
  McpServer,
  requireScopes,
  type ScopeChallengeHandler,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { STATUS_TOOL } from "../calls/approval-status.ts";
import { type CallRequest, type CallResult, type CallSupport, callFor } from "../calls/call.ts";
import { type Catalog, type CatalogTool, listedFor, listingFor } from "../calls/catalog.ts";
import { isTold, noteDenied } from "../calls/deny.ts";
import { callerOf } from "../oauth/verifier.ts";
import { scopesNeeded } from "../policy/decide.ts";
import { frozen } from "./frozen.ts";
import { type PageStateCodec, pageRequest } from "./page-request.ts";
import { progressOf } from "./progress.ts";
import { requestIdOf, soleToolOf, traceOf } from "./request.ts";
import { DATA_NOTE, toolResult } from "./results.ts";
import { registerStatusTool } from "./status-tool.ts";

export interface ServerParts {
  readonly catalog: Catalog;
  readonly support: CallSupport;
  readonly codec: PageStateCodec;
  readonly version: string;
}

/** How long a client may keep the list: it changes with deployments and when an owner switches writes. */
export const LIST_TTL_MS = 300_000;

/**
 * The MCP server for one request and its caller. What the caller may not see is not registered, so the SDK
 * answers for it as for a tool that never existed.
 */
export function toolServer(parts: ServerParts, { authInfo }: McpRequestContext): McpServer {
  const { catalog, codec, version } = parts;
  const server = new McpServer(
    { name: catalog.slug, title: catalog.title, version },
    {
      // Without this the SDK announces changing lists, and clients hold a stream open for news that come by deployment.
      capabilities: { tools: { listChanged: false } },
      cacheHints: { "tools/list": { ttlMs: LIST_TTL_MS, cacheScope: "private" } },
      instructions: [catalog.instructions, DATA_NOTE].filter(Boolean).join(" "),
      requestState: { verify: codec.verify },
    },
  );
  for (const entry of toolsFor(catalog, authInfo)) registerTool(server, parts, entry, authInfo);
  const sole = soleToolOf(authInfo);
  if ((sole ?? STATUS_TOOL.name) === STATUS_TOOL.name && listingFor(callerOf(authInfo), catalog).waits)
    registerStatusTool(server, parts);
  return server;
}

/** A call needs only the tool it calls. One that is not listed is there as well, to say why it is refused. */
function toolsFor(catalog: Catalog, authInfo: AuthInfo | undefined): readonly CatalogTool[] {
  const caller = callerOf(authInfo);
  const sole = soleToolOf(authInfo);
  if (sole === undefined) return listedFor(caller, catalog);
  const entry = catalog.tools.get(sole);
  return entry && isTold({ entry, caller, catalog }) ? [entry] : [];
}

function registerTool(server: McpServer, parts: ServerParts, entry: CatalogTool, authInfo: AuthInfo | undefined) {
  const { name, title, description, inputSchema, outputSchema, annotations } = entry.definition;
  server.registerTool(
    name,
    {
      title,
      description,
      annotations,
      inputSchema: frozen(inputSchema),
      outputSchema: frozen(outputSchema),
      scopeChallenge: challenge(parts, entry, authInfo),
    },
    (args: unknown, context: ServerContext) => runTool(parts, entry, args, context),
  );
}

/** A missing scope is answered with 403 and the scopes needed, so that the client can step up; the attempt is recorded. */
function challenge(parts: ServerParts, entry: CatalogTool, authInfo: AuthInfo | undefined): ScopeChallengeHandler {
  const require = requireScopes(...scopesNeeded(entry.facts, callerOf(authInfo)));
  return async (context) => {
    const missing = await require(context);
    const args = context.request.params?.["arguments"];
    if (missing) await noteDenied(parts.support, callRequest(parts, entry, args, authInfo));
    return missing;
  };
}

export async function runTool(parts: ServerParts, entry: CatalogTool, args: unknown, context: ServerContext) {
  const { mcpReq, http } = context;
  const result = await callFor(parts.support, {
    ...callRequest(parts, entry, args, http?.authInfo),
    signal: mcpReq.signal,
    progress: progressOf(context),
  });
  const page = pageFor(result);
  const ask = page && (await pageRequest(context, parts.codec, { tool: entry.tool.name, ...page }));
  return ask ?? toolResult(result, entry);
}

/** What a person has to do on a page of ours before this can go on. */
function pageFor(result: CallResult) {
  if (result.ok) {
    const { waiting } = result;
    return waiting && { key: "approve" as const, about: waiting.id, message: `Decide about: ${waiting.title}.`, url: waiting.url }; // biome-ignore format: one thought
  }
  const { connect } = result;
  return connect && { key: "connect" as const, about: connect.vendor, message: `Connect ${connect.title}.`, url: connect.url }; // biome-ignore format: one thought
}

export const callRequest = (
  { catalog }: ServerParts,
  entry: CatalogTool,
  args: unknown,
  authInfo: AuthInfo | undefined,
): CallRequest => ({
  caller: callerOf(authInfo),
  catalog,
  entry,
  args,
  requestId: requestIdOf(authInfo),
  ...traceOf(authInfo),
});
