import { setTimeout as sleep } from "node:timers/promises";

/** A 2026-07-28 request as it goes over the wire, for what has to be light. */
export function toolCall(token: string, name: string, args: Record<string, unknown>): RequestInit {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": name,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args, _meta } }),
  };
}

const CALL = { name: "itglue_get_organization", args: { id: "4001" } };

/** A whole call, from the token to the vendor and back. @returns what went wrong */
export async function ask(url: string, token: string, timeoutMs = 5000): Promise<string | undefined> {
  const request = toolCall(token, CALL.name, CALL.args);
  try {
    const answer = await fetch(`${url}/mcp`, { ...request, signal: AbortSignal.timeout(timeoutMs) });
    const text = await answer.text();
    return isGood(answer.status, text) ? undefined : `${answer.status} ${text.slice(0, 300)}`;
  } catch (error) {
    return String(error);
  }
}

const isGood = (status: number, text: string): boolean =>
  status === 200 && !text.includes('"isError":true') && !text.includes('"error":');

const EVERY_MS = 20;

/** Milliseconds from now to the first call that is answered. @throws Error when none is within the time given */
export async function recovery(url: string, token: string, patienceMs = 60_000): Promise<number> {
  const start = performance.now();
  let trouble: string | undefined;
  while (performance.now() - start < patienceMs) {
    trouble = await ask(url, token);
    if (trouble === undefined) return Math.round(performance.now() - start);
    await sleep(EVERY_MS);
  }
  throw new Error(`No call was answered within ${patienceMs / 1000} s after the fault; last: ${trouble}`);
}
