import {
  type CallToolResult,
  type McpRequestContext,
  McpServer,
  requireScopes,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { type CatalogTool, listedFor, listingFor } from "../calls/catalog.ts";
import { unknownTool } from "../calls/denied.ts";
import { isTold, noteDenied } from "../calls/deny.ts";
import { callerOf } from "../oauth/verifier.ts";
import { scopesNeeded } from "../policy/decide.ts";
import { DATA_NOTE, toolResult } from "./results.ts";
import { callRequest, runTool, type ServerParts } from "./server.ts";
import { registerStatusTool } from "./status-tool.ts";

const MOST_FOUND = 20;

const Query = z.strictObject({
  query: z.string().max(200).describe("Words of the task, such as: open tickets of a company. Empty for all."),
  limit: z.int().min(1).max(MOST_FOUND).default(8).describe("How many at most."),
});
const Named = z.strictObject({ name: z.string().max(64).describe("A tool's name, from search_tools.") });
const CallArgs = Named.extend({
  arguments: z.record(z.string(), z.unknown()).default({}).describe("As describe_tool says."),
});

/**
 * Three tools in place of all others, for clients with little room: they find, describe and call what the caller would
 * otherwise see listed, under the same rule, the same limits and the same record.
 */
export function searchServer(parts: ServerParts, { authInfo }: McpRequestContext): McpServer {
  const { slug, title } = parts.catalog;
  const listed = () => listedFor(callerOf(authInfo), parts.catalog);
  const named = (name: string) => listed().find(({ tool }) => tool.name === name);
  const server = new McpServer(
    { name: `${slug}-search`, title, version: parts.version },
    {
      capabilities: { tools: { listChanged: false } },
      instructions: DATA_NOTE,
      requestState: { verify: parts.codec.verify },
    },
  );

  server.registerTool(
    "search_tools",
    {
      title: "Search tools",
      description: `Finds tools of ${title} by words. Answers names and what they do, best first.`,
      annotations: { readOnlyHint: true, openWorldHint: false },
      inputSchema: Query,
    },
    ({ query, limit }) => {
      const found = ranked(listed(), query);
      return answer({
        tools: found.slice(0, limit).map(({ definition }) => ({
          name: definition.name,
          description: definition.description,
          readOnly: definition.annotations.readOnlyHint,
        })),
        truncated: found.length > limit,
      });
    },
  );

  server.registerTool(
    "describe_tool",
    {
      title: "Describe tool",
      description: "The arguments a tool takes and what it answers, as JSON Schema.",
      annotations: { readOnlyHint: true, openWorldHint: false },
      inputSchema: Named,
    },
    ({ name }) => {
      const entry = named(name);
      return entry ? answer({ ...entry.definition }) : toolResult({ ok: false, error: unknownTool(name) });
    },
  );

  server.registerTool(
    "call_tool",
    {
      title: "Call tool",
      description: "Calls a tool that search_tools named. Describe it first unless its arguments are known.",
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
      inputSchema: CallArgs,
      async scopeChallenge(context) {
        const { name, arguments: args } = Object(context.request.params?.["arguments"]);
        const entry = typeof name === "string" ? named(name) : undefined;
        if (!entry) return undefined;
        const missing = await requireScopes(...scopesNeeded(entry.facts, callerOf(authInfo)))(context);
        if (missing) await noteDenied(parts.support, callRequest(parts, entry, args, authInfo));
        return missing;
      },
    },
    async ({ name, arguments: args }, context: ServerContext) => {
      const entry = parts.catalog.tools.get(name);
      const request = entry && callRequest(parts, entry, args, authInfo);
      if (request && isTold(request)) return await runTool(parts, request.entry, args, context);
      if (request) await noteDenied(parts.support, request);
      return toolResult({ ok: false, error: unknownTool(name) });
    },
  );
  if (listingFor(callerOf(authInfo), parts.catalog).waits) registerStatusTool(server, parts);
  return server;
}

/** Tools by how many of the words they have in their name, title, tags or description; names count most. */
function ranked(tools: readonly CatalogTool[], query: string): CatalogTool[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return [...tools];
  const scored = tools.map((entry) => ({ entry, score: words.reduce((sum, word) => sum + score(entry, word), 0) }));
  return scored
    .filter((one) => one.score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}

function score({ tool, owner }: CatalogTool, word: string): number {
  const stem = word.length > 3 ? word.replace(/(ies|s)$/, "") : word;
  const heading = `${tool.name} ${tool.title} ${owner.title} ${tool.tags?.join(" ") ?? ""}`.toLowerCase();
  return (heading.includes(stem) ? 3 : 0) + (tool.description.toLowerCase().includes(stem) ? 1 : 0);
}

const answer = (value: Record<string, unknown>): CallToolResult => ({
  content: [{ type: "text", text: JSON.stringify(value) }],
  structuredContent: value,
});
