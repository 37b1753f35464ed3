import {
  createRequestStateCodec,
  type McpRequestContext,
  McpServer,
  type ServerNotifier,
} from "@modelcontextprotocol/server";
import { registerInputRequired } from "./input-required.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { registerTools } from "./tools.ts";

const codec = createRequestStateCodec<{ round: number }>({ key: "conformance-fixture-key-of-32-bytes!" });

/** What the official suite expects of a server, under its exact names. Served by the product's own route, in tests alone. */
export function conformanceServer({ era }: McpRequestContext, notify: ServerNotifier): McpServer {
  const server = new McpServer(
    { name: "conformance", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: codec.verify },
    },
  );
  registerTools(server, notify);
  if (era === "modern") registerInputRequired(server, codec);
  registerResources(server);
  registerPrompts(server);
  server.server.setRequestHandler("completion/complete", () => ({
    completion: { values: ["paris", "park", "party"] },
  }));
  return server;
}
