import type { Child } from "./child.ts";
import type { Target } from "./load.ts";

const DEVICE = "0f8fad5b-d9cb-469f-a165-70867728950e";

export const get = (url: string): Target => ({ url, method: "GET", headers: {} });

/** A 2026-07-28 request as it goes over the wire. */
export function request(
  url: string,
  method: string,
  params: Record<string, unknown>,
  headers: Record<string, string> = {},
): Target {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return {
    url,
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(typeof params["name"] === "string" && { "mcp-name": params["name"] }),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } }),
  };
}

/** One device by its id: one vendor request. */
export const call = (url: string, name: string, headers = {}): Target =>
  request(url, "tools/call", { name, arguments: { deviceUid: DEVICE } }, headers);

/** The same of a gateway of ours, and the list of the largest vendor's tools. */
export const ourCall = (gateway: Child): Target => ours(gateway, "datto-rmm", "datto_get_device");
export const ourList = (gateway: Child): Target => ours(gateway, "itglue");

/** The question of `ourList`, to a server that has nothing else. */
export const listOf = ({ ready }: Child): Target =>
  request(ready.url, "tools/list", {}, { authorization: ready.headers!["itglue"]! });

function ours({ ready }: Child, vendor: string, tool?: string): Target {
  const url = `${ready.url}/v1/${vendor}`;
  const headers = { authorization: ready.headers![vendor]! };
  return tool ? call(url, tool, headers) : request(url, "tools/list", {}, headers);
}
