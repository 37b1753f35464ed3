import { hostOf } from "./grants.ts";

/**
 * What kind of client it is, as far as that is proven: the host whose document describes it. Whoever merely registered may call
 * itself anything, so all of those are one kind.
 */
export const agentTypeOf = (clientId: string): string =>
  hostOf(clientId) ?? (clientId.startsWith("svc_") ? "service" : "registered");
