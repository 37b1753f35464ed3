import type { McpServer, ServerContext } from "@modelcontextprotocol/server";
import { approvalStatus, STATUS_TOOL } from "../calls/approval-status.ts";
import { callerOf } from "../oauth/verifier.ts";
import { frozen } from "./frozen.ts";
import { requestIdOf } from "./request.ts";
import { toolResult } from "./results.ts";
import type { ServerParts } from "./server.ts";

/** The tool that tells how a waiting call stands, for callers some of whose calls may have to wait. */
export function registerStatusTool(server: McpServer, { support }: Pick<ServerParts, "support">): void {
  const { name, inputSchema, outputSchema, ...about } = STATUS_TOOL;
  server.registerTool(
    name,
    { ...about, inputSchema: frozen(inputSchema), outputSchema: frozen(outputSchema) },
    async (args: unknown, { http }: ServerContext) => {
      const caller = callerOf(http?.authInfo);
      return toolResult(await approvalStatus(support, { caller, args, requestId: requestIdOf(http?.authInfo) }));
    },
  );
}
