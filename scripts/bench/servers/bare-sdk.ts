import http from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { report } from "../child.ts";

/** One tool on the SDK alone: no token, no policy, no vault, no audit, the vendor's answer passed through. */
const input = z.strictObject({ deviceUid: z.string().min(1) });
const output = z.looseObject({});

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "bare", version: "0" }, { capabilities: { tools: { listChanged: false } } });
  server.registerTool(
    "get_device",
    { title: "Get device", description: "One device.", inputSchema: input, outputSchema: output },
    async ({ deviceUid }) => {
      const answer = await fetch(`${process.env["VENDOR_URL"]}/api/v2/device/${deviceUid}`, {
        headers: { authorization: "Bearer bench-token" },
      });
      const structuredContent = (await answer.json()) as Record<string, unknown>;
      return { structuredContent, content: [{ type: "text", text: JSON.stringify(structuredContent) }] };
    },
  );
  return server;
});
const serve = toNodeHandler(handler);
const server = http.createServer((request, response) => void serve(request, response));
server.listen(0, "127.0.0.1", () => report({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }));
