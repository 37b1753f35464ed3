import type { ServerContext } from "@modelcontextprotocol/server";

/** Reports progress to a client that asked for it with a token; nothing otherwise. */
export function progressOf({ mcpReq }: ServerContext) {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return (progress: number, total?: number, message?: string) => {
    const params = { progressToken, progress, total, message };
    // A client that has gone away is noticed by the call's signal; its progress is nobody's loss.
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
  };
}
