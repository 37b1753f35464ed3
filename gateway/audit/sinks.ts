import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { AuditEventRow } from "../database/schema.ts";

/** A second place for events, told after the database has them. It must not throw: the database is the authority. */
export interface AuditSink {
  write(rows: readonly AuditEventRow[]): void;
  close(): Promise<void>;
}

/** Appends JSON lines to a file that only its owner may read. `onError` hears of a full disk or a missing folder. */
export function fileSink(file: string, onError: (error: Error) => void): AuditSink {
  const stream = createWriteStream(file, { flags: "a", mode: 0o600 });
  stream.on("error", onError);
  return {
    write: (rows) => void (stream.writable && stream.write(rows.map(jsonLine).join(""))),
    async close() {
      if (!stream.writable) return;
      stream.end();
      await finished(stream).catch(() => {});
    },
  };
}

export function streamSink(stream: NodeJS.WritableStream): AuditSink {
  return { write: (rows) => void stream.write(rows.map(jsonLine).join("")), close: async () => {} };
}

export const jsonLine = (row: AuditEventRow): string => `${JSON.stringify(entityOf(row))}\n`;

/** One event under the names of the audit entity, as log collectors know them. */
export function entityOf(row: AuditEventRow) {
  const { durationMs, parameters, argsHash, resultHash, client, grant, connection, rule, tier, code, ...rest } =
    JSON.parse(row.detail);
  const { customer, approval, scopes, audience, policyVersion, ...detail } = rest;
  return {
    timestamp: new Date(row.at).toISOString(),
    level: row.status === "success" || row.status === "started" ? "info" : "warn",
    logger: "audit",
    tenant: row.org_id,
    seq: row.seq,
    event_type: row.type,
    user: row.actor_id,
    user_type: row.actor_type,
    client,
    grant,
    connection,
    action: row.tool ? "invoke_tool" : row.type,
    mcp_server: row.vendor ?? undefined,
    tool_name: row.tool ?? undefined,
    tier,
    customer,
    approval,
    scopes,
    audience,
    policy_version: policyVersion,
    status: row.status,
    response_status: row.status === "success" ? "OK" : code,
    rule,
    duration_ms: durationMs,
    parameters,
    args_hash: argsHash,
    result_hash: resultHash,
    request_id: row.request_id ?? undefined,
    call_id: row.call_id ?? undefined,
    detail,
    mac: row.mac,
  };
}
