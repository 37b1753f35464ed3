import {
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { callerOf } from "../oauth/verifier.ts";
import { capabilitiesOf } from "./capabilities.ts";

/** What comes back with the answer, to know that the person was already asked. */
export interface PageState {
  /** What the page is about: a vendor, or a call that waits. */
  readonly about: string;
  readonly tool: string;
}

export type PageStateCodec = ReturnType<typeof pageStateCodec>;

/**
 * Signed, short-lived, and of no use to another user or client.
 * @param keys the first signs, all verify: what was asked before a rotation may be answered after it
 */
export function pageStateCodec(keys: readonly Uint8Array[]) {
  const codecs = keys.map(codecWith);
  return {
    mint: codecs[0]!.mint,
    async verify(state: string, context: ServerContext) {
      const answers = await Promise.allSettled(codecs.map((codec) => codec.verify(state, context)));
      const good = answers.find((answer) => answer.status === "fulfilled");
      if (good) return good.value;
      throw (answers[0] as PromiseRejectedResult).reason;
    },
  };
}

const codecWith = (key: Uint8Array) =>
  createRequestStateCodec<PageState>({
    key,
    ttlSeconds: 600,
    bind: ({ http, mcpReq }) => {
      const { orgId, userId, clientId } = callerOf(http?.authInfo);
      return JSON.stringify([orgId, userId, clientId, mcpReq.method]);
    },
  });

/**
 * Asks the client to open a page of ours, when this very request says that it can. The repeated call is not asked
 * again: whoever declined, or has not finished yet, reads the link as text instead of being sent round in circles.
 * That the page was opened is no answer: what was done there decides.
 */
export async function pageRequest(
  context: ServerContext,
  codec: PageStateCodec,
  ask: PageState & { key: "connect" | "approve"; message: string; url: string },
): Promise<InputRequiredResult | undefined> {
  if (!capabilitiesOf(context)?.elicitation?.url || context.mcpReq.requestState() !== undefined) return undefined;
  const { about, tool, key, message, url } = ask;
  return inputRequired({
    inputRequests: { [key]: inputRequired.elicitUrl({ message, url }) },
    requestState: await codec.mint({ about, tool }, context),
  });
}
