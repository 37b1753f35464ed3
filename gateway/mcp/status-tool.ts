import type { McpServer, ServerContext } from "@modelcontextprotocol/server";
import { approvalStatus, STATUS_TOOL } from "../calls/approval-status.ts";
import type { Caller } from "../calls/caller.ts";
import { type Catalog, type CatalogTool, listedFor, mayWait } from "../calls/catalog.ts";
import { callerOf } from "../oauth/verifier.ts";
import { frozen } from "./frozen.ts";
import { requestIdOf } from "./request.ts";
import { toolResult } from "./results.ts";
import type { ServerParts } from "./server.ts";

/** Whether this caller is shown the tool that tells how a waiting call stands: only where some call may have to wait. */
export const hasStatusTool = (caller: Caller, catalog: Catalog, listed = listedFor(caller, catalog)): boolean =>
  listed.some((entry: CatalogTool) => mayWait(entry, caller));

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
