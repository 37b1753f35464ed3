import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type ServerContext,
} from "@modelcontextprotocol/server";

/** What the client says it can do, in this very request; undefined for clients of 2025, who say it only once. */
export const capabilitiesOf = ({ mcpReq }: ServerContext): ClientCapabilities | undefined =>
  // The SDK checks the envelope and types its keys away.
  (mcpReq.envelope as Record<string, ClientCapabilities | undefined> | undefined)?.[CLIENT_CAPABILITIES_META_KEY];
