import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

export type Era = "2026-07-28" | "2025-11-25" | "old SDK";

/** What all three have in common, as far as the tests go. */
export interface McpClient {
  listTools(): Promise<{ tools: ListedTool[] }>;
  callTool(
    call: { name: string; arguments: Record<string, unknown> },
    options?: { signal?: AbortSignal },
  ): Promise<ToolAnswer>;
  close(): Promise<void>;
}

export interface ListedTool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: object;
  outputSchema?: object;
  annotations?: object;
}

export interface ToolAnswer {
  structuredContent?: Record<string, unknown>;
  content: { type: string; text?: string }[];
  isError?: boolean;
}

export async function connectClient(era: Era, url: string, token: string): Promise<McpClient> {
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const info = { name: "test", version: "1.0.0" };
  if (era === "old SDK") {
    const client = new OldClient(info);
    await client.connect(new OldTransport(new URL(url), { requestInit }) as never);
    return {
      listTools: () => client.listTools() as never,
      callTool: (call, options) => client.callTool(call, undefined, options) as never,
      close: () => client.close(),
    };
  }
  const client = new Client(info, { versionNegotiation: { mode: era === "2025-11-25" ? "legacy" : { pin: era } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return {
    listTools: () => client.listTools() as never,
    callTool: (call, options) => client.callTool(call, options) as never,
    close: () => client.close(),
  };
}
