import { counter, gauge, histogram } from "./kinds.ts";

/**
 * Every metric of the gateway, each declared here and nowhere else. Names get the prefix `vendorsmith_`. Values of labels come from
 * sets that the code bounds (patterns of routes, tools of the catalogue, slugs of vendors, classes of status, names of rules, and at
 * a front the workers of its configuration): never an id, an address, an organisation or a text that a caller chose.
 */
export const definitions = {
  httpRequests: counter("http_requests_total", "Requests answered.", ["method", "route", "status"]),
  httpSeconds: histogram("http_request_seconds", "Time from a request's arrival to the end of its answer.", ["method", "route"]), // biome-ignore format: one line each

  toolCalls: counter("tool_calls_total", "Tool calls, by how they ended: success, error, timeout, denied, pending_approval.", ["vendor", "tool", "outcome"]), // biome-ignore format: one line each
  toolErrors: counter("tool_errors_total", "Tool calls that failed, by code.", ["vendor", "tool", "code"]),
  toolDenials: counter("tool_denials_total", "Tool calls that were refused, by rule.", ["rule"]),
  toolSeconds: histogram("tool_call_seconds", "Time of a tool call, the vendor's included.", ["vendor", "tool"]),
  addedSeconds: histogram("call_added_seconds", "Time of a successful tool call without the time in which a vendor was waited for.", [], [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5]), // biome-ignore format: one line each

  vendorRequests: counter("vendor_requests_total", "Requests sent to a vendor, by class of the answer's status; none when no answer came.", ["vendor", "status"]), // biome-ignore format: one line each
  vendorSeconds: histogram("vendor_request_seconds", "Time from sending a request to having read the vendor's answer.", ["vendor"]), // biome-ignore format: one line each
  vendorLastSuccess: gauge("vendor_last_success_timestamp_seconds", "When the vendor last answered a request well, since 1970.", ["vendor"]), // biome-ignore format: one line each
  connections: gauge("connections", "Connections of people and organisations, by state: active, failing, refused.", ["vendor", "state"]), // biome-ignore format: one line each
  connectionChecks: counter("connection_checks_total", "Tests of keys and sign-ins when somebody connects, or checks what is connected: ok, keys, permission, address, busy, unreachable, unexpected; of sign-ins also denied, refused.", ["vendor", "purpose", "outcome"]), // biome-ignore format: one line each
  tokenRenewals: counter("vendor_token_renewals_total", "Renewals of sign-ins at vendors: renewed, ended (the person has to sign in again), failed (tried again later).", ["vendor", "outcome"]), // biome-ignore format: one line each

  limitRefusals: counter("limit_refusals_total", "Uses refused because a budget was spent, by what it counts.", ["limit"]), // biome-ignore format: one line each
  breakersOpen: gauge("breakers_open", "Circuit breakers that hold requests back now.", ["vendor"]),
  breakerChanges: counter("breaker_changes_total", "Changes of circuit breakers, to open, half-open or closed.", ["vendor", "to"]), // biome-ignore format: one line each
  bulkheadRefusals: counter("bulkhead_refusals_total", "Requests refused because too many wait for the vendor already.", ["vendor"]), // biome-ignore format: one line each
  shed: counter("shed_requests_total", "Requests refused with 503 to protect the process, by reason.", ["reason"]),

  cache: counter("result_cache_total", "Questions to the cache of results: hit, miss, joined (somebody was asking already).", ["vendor", "result"]), // biome-ignore format: one line each
  busTroubles: counter("bus_troubles_total", "Messages to other replicas that could not be sent or heard.", []),
  busConnected: gauge("bus_connected", "Whether this replica hears the others: 1 or 0.", []),

  frontRequests: counter("front_requests_total", "Requests that a front answered or handed on, by the worker of the host they name; none for other hosts.", ["worker", "method", "status"]), // biome-ignore format: one line each
  frontSeconds: histogram("front_request_seconds", "Time from a request's arrival at a front to the end of its answer.", ["worker"]), // biome-ignore format: one line each
  frontUnderWay: gauge("front_requests_under_way", "Requests of a tenant that a front has under way.", ["worker"]),
  frontRefusals: counter("front_refusals_total", "Requests that a front answered in a worker's place: busy (too many under way), slow (too many of one network come in slowly), unreachable.", ["worker", "reason"]), // biome-ignore format: one line each

  queueDepth: gauge("queue_depth", "What waits: audit (events to be written here) and vendor requests (for a place here); letters, alerts, approvals (of the whole installation).", ["queue"]), // biome-ignore format: one line each

  vaultOpens: counter("vault_opens_total", "Credentials opened, by purpose (call, verify, refresh) and outcome (ok, error).", ["purpose", "outcome"]), // biome-ignore format: one line each
  keySeconds: histogram("key_operation_seconds", "Time of an operation of the provider of master keys.", ["provider", "operation"]), // biome-ignore format: one line each
  keyFailures: counter("key_operation_failures_total", "Operations that the provider of master keys failed.", ["provider", "operation"]), // biome-ignore format: one line each

  keyCheckProblems: gauge("key_check_problems", "Rows that did not open, or are older than the audit log knows, at the last daily look at what is stored (of the whole installation).", []), // biome-ignore format: one line each
  keyCheckAt: gauge("key_check_timestamp_seconds", "When that look ended, since 1970; 0 before the first.", []), // biome-ignore format: one line each

  approvals: counter("approvals_total", "Requests for a person's yes, by what became of them: asked, approved, denied, expired, outdated, unknown.", ["outcome"]), // biome-ignore format: one line each
  approvalSeconds: histogram("approval_decision_seconds", "Time from asking to a person's decision.", ["outcome"], [5, 15, 30, 60, 120, 300, 900, 3600, 14_400, 86_400]), // biome-ignore format: one line each

  auditEvents: counter("audit_events_total", "Audit events, by whether they were written: written, failed.", ["outcome"]), // biome-ignore format: one line each
  auditSeconds: histogram("audit_write_seconds", "Time of writing one batch of audit events.", []),
  auditLag: gauge("audit_reader_lag_events", "Audit events that a reader (webhook, syslog, alerts) has not taken yet.", ["reader"]), // biome-ignore format: one line each

  databaseConnections: gauge("database_connections", "Connections of the database pool: used, idle, and waiting for one.", ["state"]), // biome-ignore format: one line each

  authorizeSeconds: histogram("oauth_authorize_to_token_seconds", "Time from the first authorize request of a sign-in to its first token.", [], [1, 2.5, 5, 10, 20, 30, 45, 60, 120, 300, 600]), // biome-ignore format: one line each
  oauthTokens: counter("oauth_tokens_total", "Answers of the token endpoint, by grant type and outcome.", ["grant", "outcome"]), // biome-ignore format: one line each

  clockAhead: gauge("clock_ahead_seconds", "How far the database's clock, which is used, is ahead of this machine's; 0 while they agree.", []), // biome-ignore format: one line each
  ready: gauge("ready", "Whether this replica wants requests: 1 or 0.", []),
  build: gauge("build_info", "Always 1; the labels say what runs.", ["version", "node"]),
} as const;

type Definitions = typeof definitions;
export type Measures = { readonly [Name in keyof Definitions]: ReturnType<Definitions[Name]["make"]> };
