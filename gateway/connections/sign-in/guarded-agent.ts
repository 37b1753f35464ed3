import https, { type AgentOptions } from "node:https";
import { isIP } from "node:net";
import { guardedLookup, isBlocked, type Resolve, refuse } from "../addresses.ts";

type Create = https.Agent["createConnection"];

/**
 * The guard of outgoing calls for a library that knows node:https and no fetch: public addresses only, and what was checked is
 * what is connected to. Names pass the lookup; literal addresses never reach one, so they are checked here.
 */
export class GuardedAgent extends https.Agent {
  constructor({ resolve, ...options }: AgentOptions & { resolve?: Resolve } = {}) {
    super({ ...options, lookup: guardedLookup(resolve) } as AgentOptions); // net's option, which the Agent passes on
  }

  override createConnection(...[options, done]: Parameters<Create>): ReturnType<Create> {
    const host = (options.host ?? "").replace(/^\[|\]$/g, "");
    if (isIP(host) && isBlocked(host)) throw refuse(host);
    return super.createConnection(options, done);
  }
}
