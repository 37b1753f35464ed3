/** Series as promtool writes them: `0+60x30` is 0, 60, 120 … thirty times, one a minute. */
export interface AlertCase {
  /** At which minute it is looked at. */
  readonly at: number;
  readonly fires: Readonly<Record<string, string>>;
  /** The worst of it, where that looks different: series that are not there because nothing of the kind happened. */
  readonly firesToo?: Readonly<Record<string, string>>;
  /** What is near, and no reason to wake anybody. */
  readonly quiet: Readonly<Record<string, string>>;
}

const requests = (status: string) => `vendorsmith_http_requests_total{status="${status}"}`;
const added = (le: string) => `vendorsmith_call_added_seconds_bucket{le="${le}"}`;
const vendor = (status: string) => `vendorsmith_vendor_requests_total{vendor="acme",status="${status}"}`;
const tool = (outcome: string) => `vendorsmith_tool_calls_total{tool="acme_list",vendor="acme",outcome="${outcome}"}`;
const check = (outcome: string) =>
  `vendorsmith_connection_checks_total{vendor="acme",purpose="connect",outcome="${outcome}"}`;
const signIn = (le: string) => `vendorsmith_oauth_authorize_to_token_seconds_bucket{le="${le}"}`;
const queue = (name: string) => `vendorsmith_queue_depth{queue="${name}",instance="a"}`; // biome-ignore format: one line each

/** Each alert once as it fires, and once as it must not. */
export const ALERTS: Readonly<Record<string, AlertCase>> = {
  VendorsmithDown: { at: 10, fires: { 'up{job="vendorsmith"}': "1 1 0x20" }, quiet: { 'up{job="vendorsmith"}': "1 0 1x20" } },
  VendorsmithNotReady: { at: 10, fires: { vendorsmith_ready: "1 0x20" }, quiet: { vendorsmith_ready: "1x20" } },
  VendorsmithErrors: {
    at: 20,
    fires: { [requests("2xx")]: "0+90x30", [requests("5xx")]: "0+10x30" },
    quiet: { [requests("2xx")]: "0+990x30", [requests("5xx")]: "0+10x30" },
  },
  VendorsmithShedding: {
    at: 20,
    fires: { 'vendorsmith_shed_requests_total{reason="memory"}': "0+5x30" },
    quiet: { 'vendorsmith_shed_requests_total{reason="memory"}': "5x30" },
  },
  VendorsmithEventLoopSlow: {
    at: 20,
    fires: { 'nodejs_eventloop_lag_p99_seconds{job="vendorsmith"}': "0.5x30" },
    quiet: { 'nodejs_eventloop_lag_p99_seconds{job="vendorsmith"}': "0.02x10 0.5x2 0.02x20" },
  },
  VendorsmithAddedLatency: {
    at: 30,
    fires: { [added("0.1")]: "0+80x40", [added("0.25")]: "0+100x40", [added("+Inf")]: "0+100x40", vendorsmith_call_added_seconds_count: "0+100x40" },
    quiet: { [added("0.02")]: "0+99x40", [added("0.1")]: "0+100x40", [added("+Inf")]: "0+100x40", vendorsmith_call_added_seconds_count: "0+100x40" },
  },
  VendorsmithVendorFailing: {
    at: 20,
    fires: { [vendor("2xx")]: "0+5x30", [vendor("5xx")]: "0+5x30", [vendor("none")]: "0+2x30" },
    quiet: { [vendor("2xx")]: "0+20x30", [vendor("4xx")]: "0+20x30", [vendor("5xx")]: "0+1x30" },
  },
  VendorsmithBreakerOpen: {
    at: 20,
    fires: { 'vendorsmith_breakers_open{vendor="acme"}': "0 2x30" },
    quiet: { 'vendorsmith_breakers_open{vendor="acme"}': "0 1x3 0x30" },
  },
  VendorsmithToolFailing: {
    at: 45,
    fires: { [tool("success")]: "0+1x60", [tool("error")]: "0+3x60" },
    quiet: { [tool("success")]: "0+3x60", [tool("error")]: "0+1x60", [tool("denied")]: "0+30x60" },
  },
  VendorsmithConnectionsFailing: {
    at: 180,
    fires: { [check("ok")]: "0+1x200", [check("keys")]: "0+1x200" },
    firesToo: { [check("keys")]: "0+1x200" },
    quiet: { [check("ok")]: "0+50x200", [check("keys")]: "0+1x200" },
  },
  VendorsmithRenewalsFailing: {
    at: 60,
    fires: { 'vendorsmith_vendor_token_renewals_total{vendor="acme",outcome="failed"}': "0+1x90" },
    quiet: { 'vendorsmith_vendor_token_renewals_total{vendor="acme",outcome="renewed"}': "0+9x90" },
  },
  VendorsmithSignInSlow: {
    at: 180,
    fires: { [signIn("60")]: "0+1x200", [signIn("120")]: "0+4x200", [signIn("+Inf")]: "0+4x200", vendorsmith_oauth_authorize_to_token_seconds_count: "0+4x200" },
    quiet: { [signIn("30")]: "0+4x200", [signIn("60")]: "0+4x200", [signIn("+Inf")]: "0+4x200", vendorsmith_oauth_authorize_to_token_seconds_count: "0+4x200" },
  },
  VendorsmithApprovalsWaiting: { at: 90, fires: { [queue("approvals")]: "30x120" }, quiet: { [queue("approvals")]: "30x20 2x100" } },
  VendorsmithLimitsReached: {
    at: 40,
    fires: { 'vendorsmith_limit_refusals_total{limit="calls"}': "0+120x60" },
    quiet: { 'vendorsmith_limit_refusals_total{limit="calls"}': "0+6x60" },
  },
  VendorsmithAuditNotWritten: {
    at: 10,
    fires: { 'vendorsmith_audit_events_total{outcome="failed"}': "0x5 3x20" },
    quiet: { 'vendorsmith_audit_events_total{outcome="failed"}': "3x25" },
  },
  VendorsmithAuditQueueGrowing: { at: 10, fires: { [queue("audit")]: "5000x20" }, quiet: { [queue("audit")]: "5000 40x20" } },
  VendorsmithAuditReaderBehind: {
    at: 30,
    fires: { 'vendorsmith_audit_reader_lag_events{reader="syslog"}': "0+200x60" },
    quiet: { 'vendorsmith_audit_reader_lag_events{reader="syslog"}': "5000x5 0x60" },
  },
  VendorsmithLettersWaiting: { at: 30, fires: { [queue("letters")]: "80x60" }, quiet: { [queue("letters")]: "80x5 1x60" } },
  VendorsmithVaultErrors: {
    at: 20,
    fires: { 'vendorsmith_vault_opens_total{purpose="call",outcome="error"}': "0x10 1x20" },
    quiet: { 'vendorsmith_vault_opens_total{purpose="call",outcome="ok"}': "0+9x30" },
  },
  VendorsmithKeysFailing: {
    at: 20,
    fires: { 'vendorsmith_key_operation_failures_total{provider="transit",operation="unwrap"}': "0+1x30" },
    quiet: { 'vendorsmith_key_operation_failures_total{provider="transit",operation="unwrap"}': "7x30" },
  },
  VendorsmithStoredKeysWrong: { at: 5, fires: { vendorsmith_key_check_problems: "1x10" }, quiet: { vendorsmith_key_check_problems: "0x10" } },
  VendorsmithKeyCheckLate: {
    at: 5,
    fires: { vendorsmith_key_check_timestamp_seconds: "-259300x10" },
    quiet: { vendorsmith_key_check_timestamp_seconds: "0 -250000x10" },
  },
  VendorsmithDatabasePoolFull: {
    at: 10,
    fires: { 'vendorsmith_database_connections{state="waiting"}': "4x20" },
    quiet: { 'vendorsmith_database_connections{state="waiting"}': "4 0x20", 'vendorsmith_database_connections{state="used"}': "10x20" },
  },
  VendorsmithReplicasApart: { at: 20, fires: { vendorsmith_bus_connected: "1 0x30" }, quiet: { vendorsmith_bus_connected: "1 0 1x30" } },
  VendorsmithClockDiffers: { at: 20, fires: { vendorsmith_clock_ahead_seconds: "-30x30" }, quiet: { vendorsmith_clock_ahead_seconds: "0 -30 0x30" } },
}; // biome-ignore format: one line each

/** The file that `promtool test rules` reads. */
export const ruleTests = (rules: string, cases: typeof ALERTS): string =>
  JSON.stringify({
    rule_files: [rules],
    evaluation_interval: "1m",
    tests: Object.entries(cases).flatMap(([name, { at, fires, firesToo, quiet }]) => [
      testOf(name, at, fires, [{ labels: "{}", value: 1 }]),
      ...(firesToo ? [testOf(name, at, firesToo, [{ labels: "{}", value: 1 }])] : []),
      testOf(name, at, quiet, []),
    ]),
  });

const testOf = (name: string, at: number, series: AlertCase["fires"], samples: readonly object[]) => ({
  name: `${name} ${samples.length > 0 ? "fires" : "is quiet"}`,
  interval: "1m",
  input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
  promql_expr_test: [
    {
      expr: `count(ALERTS{alertname="${name}",alertstate="firing"})`,
      eval_time: `${at}m`,
      exp_samples: samples,
    },
  ],
});
