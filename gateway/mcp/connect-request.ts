import {
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { callerOf } from "../oauth/verifier.ts";
import { capabilitiesOf } from "./capabilities.ts";

/** What comes back with the answer, to know that the person was already asked. */
export interface ConnectState {
  readonly vendor: string;
  readonly tool: string;
}

export type ConnectStateCodec = ReturnType<typeof connectStateCodec>;

/** Signed, short-lived, and of no use to another user or client. */
export const connectStateCodec = (key: Uint8Array) =>
  createRequestStateCodec<ConnectState>({
    key,
    ttlSeconds: 600,
    bind: ({ http, mcpReq }) => {
      const { orgId, userId, clientId } = callerOf(http?.authInfo);
      return JSON.stringify([orgId, userId, clientId, mcpReq.method]);
    },
  });

/**
 * Asks the client to open the connect page, when this very request says that it can. The repeated call is not asked
 * again: whoever declined, or has not finished yet, reads the link as text instead of being sent round in circles.
 */
export async function connectRequest(
  context: ServerContext,
  codec: ConnectStateCodec,
  ask: ConnectState & { title: string; url: string },
): Promise<InputRequiredResult | undefined> {
  if (!capabilitiesOf(context)?.elicitation?.url || context.mcpReq.requestState() !== undefined) return undefined;
  const { vendor, tool, title, url } = ask;
  return inputRequired({
    inputRequests: { connect: inputRequired.elicitUrl({ message: `Connect ${title}.`, url }) },
    requestState: await codec.mint({ vendor, tool }, context),
  });
}
