import { createHmac } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { ToolError } from "../../runtime/index.ts";
import { admission, finish } from "../approvals/request.ts";
import { statusOf } from "../approvals/status.ts";
import { type Connection, clientFor, noteOutcome } from "../connections/connections.ts";
import { connectLink } from "../connections/link.ts";
import { customersOf } from "../policy/customers.ts";
import { partsFor } from "../policy/decide.ts";
import type { ApprovalDesk } from "./approve.ts";
import type { Call, CallSupport, Opened } from "./call.ts";
import { connectionOf, sealedConnectionOf } from "./connection.ts";
import { watched } from "./customers.ts";
import { countCalls } from "./figures.ts";
import { keptAnswers } from "./kept.ts";
import { noteRequests } from "./traced.ts";

/** The house as a call sees it. */
export const callSupport = (app: FastifyInstance): CallSupport => ({
  audit: app.audit,
  limit: (key, budget) => app.limit(key, budget),
  budgets: app.config.budgets,
  regions: app.config.regions,
  log: app.log,
  now: () => app.clock.now(),
  stop: app.drain.stop,
  during: app.drain.during,
  connectLink: ({ userId, orgId }, vendor) => connectLink(app, { userId, orgId, vendor }),
  approvals: approvalDesk(app),
  count: countCalls(app.metrics),
  kept: keptAnswers(app),
  open: (call, signal) => (call.entry.across ? openAcross(app, call, signal) : openOne(app, call, signal)),
});

function approvalDesk(app: FastifyInstance): ApprovalDesk {
  return {
    ask: (call) => admission(app.approvals, call),
    finish: (run, event) => finish(app.approvals, run, event),
    status: (asked) => statusOf(app.approvals, asked),
    link: (id) => `${app.config.publicUrl}/approvals/${id}`,
    async connections(call) {
      const found = await connectionsOf(app, call);
      return found?.map(({ id, version, vendor, label }) => ({ id, version, vendor, label }));
    },
  };
}

/** What the call would use; undefined when that is nothing, or not all that a change needs. */
async function connectionsOf(app: FastifyInstance, call: Call): Promise<Connection[] | undefined> {
  const vendors = new Set(partsFor(call.entry.facts, call.caller).map(({ vendor }) => vendor));
  const found = await Promise.all([...vendors].map((vendor) => connectionOf(app, call, vendor)));
  const connections = found.filter((connection) => connection !== undefined);
  // A question may be answered in part; of a change nothing is begun that could not be ended.
  const wholly = call.entry.tool.access !== "read";
  return connections.length === 0 || (wholly && connections.length < partsOf(call).size) ? undefined : connections;
}

async function openOne(app: FastifyInstance, call: Call, signal: AbortSignal): Promise<Opened | undefined> {
  const found = await sealedConnectionOf(app, call, call.entry.owner.slug);
  if (!found) return undefined;
  const { connection, sealed = null } = found;
  const limit = limitOf(app, call, [connection]);
  return {
    connectionId: connection.id,
    client: await clientFor(app, connection, {
      ...purposeOf(call),
      sealed,
      boundary: limit?.boundary(connection),
      signal,
      ...noteRequests(call),
    }),
    limit,
    noteOutcome: (error) => note(app, connection, error),
  };
}

/** A client for each vendor that the caller reaches; the tool names those that are missing. */
async function openAcross(app: FastifyInstance, call: Call, signal: AbortSignal): Promise<Opened | undefined> {
  const connections = await connectionsOf(app, call);
  if (!connections) return undefined;
  const limit = limitOf(app, call, connections);
  const unanswered = new Set<string>();
  const clients = await Promise.all(
    connections.map(async (connection) => {
      const boundary = limit?.boundary(connection);
      const onFailure = ({ code, outage }: ToolError) => {
        if (outage || HELD_BACK.has(code)) unanswered.add(app.vendors.get(connection.vendor)!.title);
      };
      const heard = { ...noteRequests(call), onFailure };
      const client = await clientFor(app, connection, { ...purposeOf(call), boundary, signal, ...heard });
      return [connection.vendor, client] as const;
    }),
  );
  return {
    connectionId: connections.map(({ id }) => id).join(" "),
    client: Object.fromEntries(clients),
    limit,
    unanswered: () => [...unanswered].sort(),
    // What went wrong does not say at which vendor.
    noteOutcome: async () => {},
  };
}

/** The vendor was not asked, or not in time. */
const HELD_BACK: ReadonlySet<string> = new Set([
  "VENDOR_UNAVAILABLE",
  "VENDOR_RATE_LIMITED",
  "RATE_LIMITED",
  "TIMEOUT",
]);

/**
 * What holds a limited caller's requests to their customers, by connection: one id means different customers in two accounts. Who is
 * limited and has nothing gets a boundary that admits nothing.
 */
function limitOf({ keys }: FastifyInstance, { caller }: Call, connections: readonly Connection[]) {
  if (!caller.limited) return undefined;
  const { boundary, seen } = watched(caller.customers ?? customersOf([]));
  const admitted = connections.map(({ vendor, id }) => [id, [...boundary(vendor, id).ids].sort()]);
  const text = JSON.stringify(["customers-cursor/v1", admitted]);
  return {
    boundary: ({ vendor, id }: Connection) => boundary(vendor, id),
    seen,
    cursorSeals: keys.cookies.map((key) => createHmac("sha256", key).update(text).digest("base64url")),
  };
}

const partsOf = ({ entry }: Call) => new Set(entry.facts.parts.map(({ vendor }) => vendor));

const purposeOf = ({ caller, entry, id, requestId, span }: Call) => {
  const { userId: actor, actorType, clientId: client, grantId: grant } = caller;
  return { actor, actorType, callId: id, tool: entry.tool.name, client, grant, requestId, span };
};

const note = (app: FastifyInstance, connection: Connection, error: ToolError | undefined) =>
  noteOutcome(app, connection, error).catch((err: unknown) =>
    // The vendor has done its work; a missing note must not make that look like a failure.
    app.log.error({ err, connection: connection.id }, "outcome not noted on the connection"),
  );
