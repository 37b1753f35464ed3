import type { AuditEventRow } from "../database/schema.ts";
import { entityOf } from "./sinks.ts";

const VERSION = "1.3.0";
const CLASS = 6003;

/** One event as API Activity of the Open Cybersecurity Schema Framework. */
export function ocsfOf(row: AuditEventRow) {
  const event = entityOf(row);
  const activity = activityOf(row);
  return {
    activity_id: activity,
    category_uid: 6,
    class_uid: CLASS,
    type_uid: CLASS * 100 + activity,
    time: row.at,
    severity_id: row.status === "denied" ? 3 : event.level === "warn" ? 2 : 1,
    ...statusOf(row),
    status_code: event.response_status,
    status_detail: event.rule,
    duration: event.duration_ms,
    metadata: {
      version: VERSION,
      product: { name: "Vendorsmith", vendor_name: "Vendorsmith" },
      log_name: "audit",
      event_code: row.type,
      uid: `${row.org_id}/${row.seq}`,
      sequence: row.seq,
      tenant_uid: row.org_id,
      correlation_uid: row.request_id ?? undefined,
    },
    actor: {
      user: { uid: row.actor_id, type_id: row.actor_type === "user" ? 1 : row.actor_type === "system" ? 3 : 99 },
      app_uid: event.client,
      authorizations: [{ decision: row.status === "denied" ? "denied" : "allowed", policy: policyOf(event) }],
    },
    api: {
      operation: row.tool ?? row.type,
      service: row.vendor ? { name: row.vendor } : undefined,
      request: row.call_id || row.request_id ? { uid: row.call_id ?? row.request_id! } : undefined,
    },
    // No addresses are recorded: what called is known by the client's id.
    src_endpoint: { uid: event.client ?? row.actor_type },
    resources: event.connection ? [{ uid: event.connection, type: "connection" }] : undefined,
    unmapped: {
      grant: event.grant,
      scopes: event.scopes,
      audience: event.audience,
      customer: event.customer,
      approval: event.approval,
      tier: event.tier,
      parameters: event.parameters,
      args_hash: event.args_hash,
      result_hash: event.result_hash,
      detail: event.detail,
      mac: row.mac,
    },
  };
}

const policyOf = ({ rule, policy_version }: ReturnType<typeof entityOf>) => ({
  uid: rule,
  version: policy_version === undefined ? undefined : String(policy_version),
});

/** 1 create, 2 read, 3 update, 4 delete, 99 something else, which `metadata.event_code` names. */
function activityOf({ type, tier }: AuditEventRow): number {
  if (tier === "read" || tier === "reveal") return 2;
  if (tier === "write") return 3;
  if (tier === "destroy" || /\.(delete|revoke|remove)$/.test(type)) return 4;
  return /\.(create|add|grant)$/.test(type) ? 1 : 99;
}

function statusOf({ status }: AuditEventRow) {
  if (status === "success") return { status_id: 1, status: "Success" };
  if (status === "started" || status === "pending_approval") return { status_id: 99, status };
  return { status_id: 2, status: "Failure" };
}
