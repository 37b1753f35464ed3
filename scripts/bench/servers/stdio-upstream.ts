import { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { device } from "./device.ts";

/** The server that other gateways stand in front of: one tool, answered at once. */
const server = new McpServer({ name: "upstream", version: "0" }, { capabilities: { tools: { listChanged: false } } });
server.registerTool(
  "get_device",
  { title: "Get device", description: "One device.", inputSchema: z.strictObject({ deviceUid: z.string().min(1) }) },
  async () => ({ content: [{ type: "text", text: JSON.stringify(device) }] }),
);
await server.connect(new StdioServerTransport());
