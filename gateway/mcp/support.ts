import { createHmac } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { CallSupport } from "../calls/call.ts";
import { activeConnection, clientFor, noteOutcome } from "../connections/connections.ts";
import { connectLink } from "../connections/link.ts";

/** The house as a call sees it. */
export const callSupport = (app: FastifyInstance): CallSupport => ({
  audit: app.audit,
  limit: (key, budget) => app.limit(key, budget),
  budgets: app.config.budgets,
  log: app.log,
  now: () => app.clock.now(),
  connectLink: ({ userId, orgId }, vendor) => connectLink(app, { userId, orgId, vendor }),

  async open({ caller, entry, id, requestId }, signal) {
    const { orgId: org, userId: user, vendor, connectionId: chosen, clientId: client, grantId: grant } = caller;
    // Without the one that was chosen at consent nothing is guessed: another account's data would be the answer.
    const connection = chosen && (await activeConnection(app.db, { org, user, vendor, id: chosen }));
    if (!connection) return undefined;
    const purpose = { actor: user, callId: id, tool: entry.tool.name, client, grant, requestId };
    return {
      connectionId: connection.id,
      client: await clientFor(app, connection, { ...purpose, signal }),
      noteOutcome: (error) =>
        noteOutcome(app, connection, error).catch((err: unknown) =>
          // The vendor has done its work; a missing note must not make that look like a failure.
          app.log.error({ err, connection: connection.id }, "outcome not noted on the connection"),
        ),
    };
  },
});

/** Signs what a client carries from one request to the next; of no use for anything else that these keys sign. */
export const stateKey = ({ keys }: Pick<FastifyInstance, "keys">): Uint8Array =>
  createHmac("sha256", keys.cookies[0]!).update("request-state/v1").digest();
