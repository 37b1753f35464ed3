import { PERSONAL_TOKEN } from "../policy/agent-types.ts";
import { hostOf } from "./grants.ts";

/**
 * What kind of client it is, as far as that is proven: the host whose document describes it. Whoever merely registered may call
 * itself anything, so all of those are one kind.
 */
export function agentTypeOf(clientId: string): string {
  if (clientId === PERSONAL_TOKEN) return PERSONAL_TOKEN;
  return hostOf(clientId) ?? (clientId.startsWith("svc_") ? "service" : "registered");
}
