import type { Generated } from "kysely";
import type { Access } from "../policy/decide.ts";
import type { Role } from "../policy/roles.ts";

/** Tables as kysely sees them. Ids are prefixed random text, times epoch milliseconds, flags 0 or 1, JSON text. */
export interface Database {
  orgs: OrgRow;
  policies: PolicyRow;
  installation: InstallationRow;
  users: UserRow;
  memberships: MembershipRow;
  invitations: InvitationRow;
  ownership_offers: OwnershipOfferRow;
  customers: CustomerRow;
  customer_links: CustomerLinkRow;
  member_customers: MemberCustomerRow;
  customer_imports: CustomerImportRow;
  sessions: SessionRow;
  identities: IdentityRow;
  passkeys: PasskeyRow;
  totp_secrets: TotpSecretRow;
  recovery_codes: RecoveryCodeRow;
  sso_states: SsoStateRow;
  pending_sign_ins: PendingSignInRow;
  passkey_challenges: PasskeyChallengeRow;
  setup_tokens: SetupTokenRow;
  user_keys: UserKeyRow;
  key_checks: KeyCheckRow;
  key_rotations: KeyRotationRow;
  key_holders: KeyHolderRow;
  connections: ConnectionRow;
  connection_users: ConnectionUserRow;
  credentials: CredentialRow;
  vendor_sign_ins: VendorSignInRow;
  oauth_artifacts: ArtifactRow;
  oauth_clients: ClientRow;
  oauth_grants: GrantRow;
  grant_connections: GrantConnectionRow;
  service_clients: ServiceClientRow;
  service_connections: ServiceConnectionRow;
  approvals: ApprovalRow;
  standing_approvals: StandingApprovalRow;
  outbox: OutboxRow;
  approval_notices: ApprovalNoticesRow;
  audit_events: AuditEventRow;
  audit_heads: AuditHeadRow;
  audit_anchors: AuditAnchorRow;
  audit_cursors: AuditCursorRow;
  audit_webhooks: AuditWebhookRow;
  alerts: AlertRow;
  alert_thresholds: AlertThresholdRow;
  alert_seen: AlertSeenRow;
  rate_counters: RateCounterRow;
  call_counters: RateCounterRow;
  budget_slots: BudgetSlotRow;
  result_generations: ResultGenerationRow;
  usage_days: UsageDayRow;
  usage_latencies: UsageLatencyRow;
  usage_progress: UsageProgressRow;
  tool_versions: ToolVersionRow;
}

export interface OrgRow {
  id: string;
  name: string;
  /** The one organisation that belongs to a person alone; null for shared ones. */
  personal_of: string | null;
  /** The version in force; without a row in `policies` it is that of a new organisation. */
  policy_version: number;
  created_at: number;
  /** Where its credentials are opened and its calls run; null for everywhere. */
  region?: string | null;
  /** Nobody is a member any more, and nothing of it opens; its audit events stay. */
  deleted_at?: number | null;
}

/** One version of what an organisation has decided. Never changed. */
export interface PolicyRow {
  org_id: string;
  version: number;
  /** JSON; what it leaves out is as in a new organisation. */
  document: string;
  created_by: string;
  created_at: number;
}

/** What holds for every organisation: one row, with id 1. */
export interface InstallationRow {
  id: number;
  /** Tools that the operator has switched off, with a space between. */
  tools_off: string;
}

export interface UserRow {
  id: string;
  email: string;
  name: string;
  /** argon2id in PHC form; empty for who signs in at a provider alone. */
  password: string;
  created_at: number;
  disabled_at: number | null;
  erased_at: number | null;
}

export interface MembershipRow {
  org_id: string;
  user_id: string;
  role: Role;
  active: number;
  /** 1 for who may see the customers in `member_customers` only; 0 when left out. */
  limited?: number;
  created_at: number;
  last_seen_at?: number | null;
}

/** A link by which somebody becomes a member, once. */
export interface InvitationRow {
  id: string;
  org_id: string;
  token_hash: string;
  /** Whose account may use it; null for whoever has the link. */
  email: string | null;
  role: Role;
  created_by: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  revoked_at: number | null;
}

/** An owner wants another member to be owner, who has not said yes so far. One at a time. */
export interface OwnershipOfferRow {
  org_id: string;
  from_user: string;
  to_user: string;
  /** 0: who offers becomes an administrator. */
  stays_owner: number;
  created_at: number;
  expires_at: number;
}

/** A client company of the MSP. */
export interface CustomerRow {
  id: string;
  org_id: string;
  name: string;
  /** The name as names are compared and sorted: without case, punctuation and legal form. */
  name_key: string;
  /** 1 for one that is kept for the record alone: nobody who is limited sees it. */
  archived: number;
  created_at: number;
}

/** What a vendor knows a customer by. In one account an id belongs to one customer. */
export interface CustomerLinkRow {
  org_id: string;
  vendor: string;
  vendor_id: string;
  /** The one connection in whose account the id means this; empty when it does in every account of the vendor here. */
  connection_id: string;
  customer_id: string;
  vendor_name: string;
  /** When an import no longer found it. */
  gone_at: number | null;
  created_at: number;
}

export interface MemberCustomerRow {
  org_id: string;
  user_id: string;
  customer_id: string;
}

/** A vendor's list of customers, read and not yet decided about. */
export interface CustomerImportRow {
  id: string;
  org_id: string;
  user_id: string;
  vendor: string;
  connection_id: string;
  state: "reading" | "read" | "failed";
  rows_read: number;
  /** JSON: `[id, name]` each. */
  found: string;
  /** Why it failed: a code. */
  problem: string | null;
  updated_at: number;
  expires_at: number;
}

export interface SessionRow {
  id_hash: string;
  org_id: string;
  user_id: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  /** How the person showed who they are, with a space between: `password`, `sso`, `mfa`, `passkey`, `totp`, `recovery`. */
  methods: string;
  /** When they last did. */
  authenticated_at: number;
}

/** Somebody's account at an OpenID provider; issuer and subject say which, never an address. */
export interface IdentityRow {
  issuer: string;
  subject: string;
  user_id: string;
  /** What the provider calls the account, to show it to its person. */
  label: string;
  created_at: number;
  last_used_at: number | null;
}

export interface PasskeyRow {
  /** The authenticator's id of it, base64url. */
  id: string;
  user_id: string;
  name: string;
  public_key: Uint8Array;
  counter: number;
  /** How a browser can reach it, with a space between. */
  transports: string;
  created_at: number;
  last_used_at: number | null;
}

export interface TotpSecretRow {
  user_id: string;
  /** The shared secret, sealed. */
  box: string;
  /** Null until the first right code: it asks for nothing before. */
  confirmed_at: number | null;
  /** The newest step whose code was used: no code counts twice. */
  last_step: number;
  created_at: number;
}

export interface RecoveryCodeRow {
  user_id: string;
  code_hash: string;
  created_at: number;
}

/** Between a person's leaving for their provider and their coming back. */
export interface SsoStateRow {
  state_hash: string;
  /** The cookie of the browser that left. */
  browser_hash: string;
  purpose: "sign-in" | "link" | "again";
  /** Who leaves, where somebody is signed in: `link` and `again`. */
  user_id: string | null;
  session_hash: string | null;
  /** The authorize request it is part of. */
  interaction: string | null;
  /** A path of ours. */
  return_to: string;
  /** Provider, nonce and PKCE verifier, sealed under the state. */
  box: string;
  created_at: number;
  expires_at: number;
}

/** After a first proof of who somebody is and before the second: no session yet. */
export interface PendingSignInRow {
  token_hash: string;
  user_id: string;
  /** What was shown so far, and when, as in sessions. */
  methods: string;
  authenticated_at: number;
  /** The session to renew, where somebody is signed in already. */
  session_hash: string | null;
  /** The authorize request it is part of. */
  interaction: string | null;
  /** A path of ours. */
  return_to: string;
  expires_at: number;
}

/** What a passkey has to sign, once. */
export interface PasskeyChallengeRow {
  challenge_hash: string;
  /** The cookie that may answer: of a session, of a pending sign-in, or of this alone. */
  browser_hash: string;
  /** Whose passkey it has to be; null for whoever comes. */
  user_id: string | null;
  expires_at: number;
}

export interface SetupTokenRow {
  id_hash: string;
  created_at: number;
  used_at: number | null;
}

export interface UserKeyRow {
  org_id: string;
  owner_id: string;
  /** When it was made, so that a key made anew after an erasure is another version. */
  version: number;
  kid: string;
  wrapped: Uint8Array;
  created_at: number;
}

/** The newest rotation of a kind: what it is about, how far it is, and who is at it. */
export interface KeyRotationRow {
  kind: "master" | "users";
  /** The master key that everything is wrapped with anew, or whose user keys are replaced. */
  scope: string;
  started_at: number;
  finished_at: number | null;
  done: number;
  holder: string;
  /** Until then nobody else goes on. */
  leased_until: number;
}

/** The last look at what is stored under the keys, and who is at the next one. */
export interface KeyCheckRow {
  id: number;
  holder: string;
  /** Until then nobody else begins. */
  leased_until: number;
  ended_at: number | null;
  looked_at: number;
  /** How many rows have which problem, as JSON. */
  problems: string;
}

/** A gateway that runs, and the names of the keys it has. */
export interface KeyHolderRow {
  process: string;
  /** JSON: kind to names, never a key. */
  names: string;
  started_at: number;
  seen_at: number;
}

export interface ConnectionRow {
  id: string;
  org_id: string;
  /** A person, or the organisation itself: then it is shared. */
  owner_id: string;
  vendor: string;
  label: string;
  /** Non-secret fields as JSON, to show which account this is and to pre-fill the form. */
  fields: string;
  status: "active" | "error" | "revoked";
  version: number;
  /** 1 where a person signed in at the vendor, so that another sign-in mends what no other keys would. */
  signed_in: number;
  last_used_at: number | null;
  last_ok_at: number | null;
  last_error: string | null;
  last_error_at: number | null;
  created_at: number;
  updated_at: number;
}

/** Who may use a connection that the organisation owns. Without a row nobody may. */
export interface ConnectionUserRow {
  connection_id: string;
  org_id: string;
  kind: "role" | "person";
  /** A role, or the id of a person. */
  who: string;
}

/** Apart from connections, so that listings never touch ciphertext. */
export interface CredentialRow {
  connection_id: string;
  org_id: string;
  owner_id: string;
  vendor: string;
  version: number;
  wrapped_key: Uint8Array;
  box: Uint8Array;
  created_at: number;
  /** When the vendor token in it ends; null for keys. */
  expires_at: number | null;
  /** Until then somebody is renewing it. */
  leased_until: number | null;
  /** How often in a row renewing it failed without a word against it, since when, and when to try again. */
  renew_failures: number | null;
  failing_since: number | null;
  renew_after: number | null;
}

/** Between a person's leaving for a vendor's sign-in page and their coming back. */
export interface VendorSignInRow {
  state_hash: string;
  /** The browser session that began it. */
  session_hash: string;
  org_id: string;
  user_id: string;
  vendor: string;
  /** The connection whose keys it replaces. */
  connection_id: string | null;
  /** 1 where the connection will be the organisation's. */
  shared: number;
  label: string;
  /** A path of ours. */
  return_to: string;
  /** What was typed and the PKCE verifier, sealed under the state. */
  box: string;
  expires_at: number;
}

export interface ArtifactRow {
  model: string;
  id_hash: string;
  /** Null until the person has chosen an organisation. */
  org_id: string | null;
  grant_id: string | null;
  uid: string | null;
  user_id: string | null;
  payload: string;
  consumed_at: number | null;
  expires_at: number | null;
}

export interface ClientRow {
  id: string;
  kind: "dcr" | "cimd" | "preregistered" | "service";
  payload: string;
  created_at: number;
  last_used_at: number | null;
}

export interface GrantRow {
  id: string;
  org_id: string;
  user_id: string;
  client_id: string;
  client_name: string;
  resource: string;
  vendor: string;
  connection_id: string | null;
  scopes: string;
  created_at: number;
  last_used_at: number | null;
  expires_at: number;
  revoked_at: number | null;
}

/** For a grant of all vendors: which connection it uses for each. */
export interface GrantConnectionRow {
  grant_id: string;
  org_id: string;
  vendor: string;
  connection_id: string;
}

/** A program that calls in the name of its organisation. */
export interface ServiceClientRow {
  /** Its OAuth client id too. */
  id: string;
  org_id: string;
  name: string;
  role: Role;
  scopes: string;
  created_by: string;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
}

export interface ServiceConnectionRow {
  service_id: string;
  org_id: string;
  vendor: string;
  connection_id: string;
}

/** One call that needs a yes. What it binds is in `call_hash`; everything else is for people to look at. */
export interface ApprovalRow {
  id: string;
  org_id: string;
  user_id: string;
  client_id: string;
  client_name: string;
  vendor: string;
  tool: string;
  access: Access;
  tool_hash: string;
  /** Ids with versions, with a space between: `con_1@3 con_2@1`. */
  connections: string;
  policy_version: number;
  /** Keyed, of everything that the yes is for. */
  call_hash: string;
  /** Keyed, of person, client, tool and arguments: the same wish, under whatever policy and connection. */
  wish_hash: string;
  /** Who has to say yes: the person who asks may, or somebody else has to. */
  needs: "self" | "other";
  /** 1 where whoever says yes has to have signed in a moment ago. */
  fresh: number;
  /** Arguments and preview, sealed; empty once erased. */
  box: string;
  status: "pending" | "approved" | "denied" | "consumed" | "expired" | "revoked";
  /** What let the approver decide: `alone` where nobody else could have. */
  rule: "self" | "other" | "alone" | null;
  approver_id: string | null;
  approver_role: Role | null;
  note_box: string | null;
  decided_at: number | null;
  /** Of a denial: how long it is repeated to who asks again. */
  expires_at: number;
  consumed_call_id: string | null;
  consumed_at: number | null;
  /** When the run must have ended; after it, nobody knows. */
  run_until: number | null;
  outcome: "started" | "succeeded" | "failed" | "unknown" | null;
  finished_at: number | null;
  created_at: number;
}

/** A yes given beforehand, for one person's calls of one tool. */
export interface StandingApprovalRow {
  id: string;
  org_id: string;
  user_id: string;
  client_id: string;
  client_name: string;
  vendor: string;
  tool: string;
  tool_hash: string;
  connections: string;
  policy_version: number;
  customer_id: string | null;
  /** JSON: the arguments that may have any value, or be left out. */
  free_names: string;
  /** Keyed, of all other arguments that the call had. */
  fixed_hash: string;
  fixed_box: string;
  uses: number;
  max_uses: number;
  expires_at: number;
  created_by: string;
  created_at: number;
  ended_by: string | null;
  ended_at: number | null;
}

/** A message that has to leave. It names what it is about; the text is made when it leaves. */
export interface OutboxRow {
  id: string;
  org_id: string;
  way: "webhook" | "mail";
  user_id: string | null;
  type: string;
  /** The id of what it is about. */
  subject: string;
  tries: number;
  due_at: number;
  created_at: number;
}

/** How an organisation's approvers are told; without a row, by mail. */
export interface ApprovalNoticesRow {
  org_id: string;
  webhook: number;
  mail: number;
}

export interface AuditEventRow {
  org_id: string;
  seq: number;
  at: number;
  type: string;
  status: "success" | "error" | "timeout" | "denied" | "pending_approval" | "started";
  actor_id: string;
  actor_type: "user" | "service" | "system";
  vendor: string | null;
  tool: string | null;
  request_id: string | null;
  call_id: string | null;
  /** Everything else of the event as JSON: client, grant, connection, rule, hashes, durations. */
  detail: string;
  /** Which audit master key made `mac`, so that a verifier can say that a key is missing. */
  key_id: string;
  prev_mac: string;
  mac: string;
  /** Copies of what `detail` says, for searching. */
  client: string | null;
  customer: string | null;
  rule: string | null;
  tier: string | null;
}

export interface AuditHeadRow {
  org_id: string;
  seq: number;
  mac: string;
  /** Where the chain begins since retention took the events up to here; there is an anchor of that number. */
  base_seq: Generated<number>;
  /** How long events are kept; 0 is for ever. */
  keep_days: Generated<number>;
}

/** A signed end of a chain at some time, of which copies lie outside the database. */
export interface AuditAnchorRow {
  org_id: string;
  seq: number;
  mac: string;
  at: number;
  key_id: string;
  signature: string;
  /** When it was written to the file and to the object store; null where it waits, or there is none. */
  file_at: number | null;
  store_at: number | null;
}

/** How far a reader of events (webhook, syslog, alerts) is in an organisation's chain. */
export interface AuditCursorRow {
  reader: string;
  org_id: string;
  seq: number;
  /** Until then one process is at it. */
  leased_until: Generated<number>;
  failing_since: number | null;
}

export interface AuditWebhookRow {
  org_id: string;
  url: string;
  /** The signing secret, sealed. */
  secret_box: string;
  sends_events: number;
  sends_alerts: number;
  created_at: number;
}

export interface AlertRow {
  id: string;
  org_id: string;
  kind: string;
  severity: "low" | "medium" | "high";
  /** Whom or what it is about: an id of a person, a connection, a client, a reader of events. */
  subject: string;
  state: "open" | "acknowledged" | "closed";
  count: number;
  /** Numbers of the first and the last event behind it. */
  first_seq: number;
  last_seq: number;
  first_at: number;
  last_at: number;
  /** Ids, codes and counts as JSON. */
  facts: string;
  decided_by: string | null;
  decided_at: number | null;
  delivered_at: number | null;
}

/** Where an organisation wants something else than the default. */
export interface AlertThresholdRow {
  org_id: string;
  kind: string;
  enabled: number;
  count: number;
  minutes: number;
}

/** What was seen before, so that something new is known as new. */
export interface AlertSeenRow {
  org_id: string;
  key: string;
  at: number;
}

export interface RateCounterRow {
  /** `<what>:<whom>`: an account, address, user, organisation or grant, never a session. */
  key: string;
  window_start: number;
  count: number;
  expires_at: number;
}

/** Which kept answers of a vendor still hold in an organisation. */
export interface ResultGenerationRow {
  org_id: string;
  vendor: string;
  generation: number;
  /** Changes under way. */
  changing: number;
  /** Nothing is kept before, in epoch milliseconds. */
  unsettled_until: number;
}

/** What replicas spent of a vendor's budget in a short time. */
export interface BudgetSlotRow {
  /** A hash: of a connection, an address or a database, and the kind of request. */
  key: string;
  slot: number;
  spent: number;
  expires_at: number;
}

/** How many tool calls of one kind ended in which way on one day. What is not known is empty. */
export interface UsageDayRow {
  org_id: string;
  /** Days since 1970, in UTC. */
  day: number;
  vendor: string;
  tool: string;
  actor_id: string;
  client: string;
  customer: string;
  success: number;
  error: number;
  timeout: number;
  denied: number;
  /** Of those that succeeded, the ones answered from memory. */
  cached: number;
}

/** How many calls of a tool took about how long on one day. */
export interface UsageLatencyRow {
  org_id: string;
  day: number;
  vendor: string;
  tool: string;
  bucket: number;
  calls: number;
}

/** Up to which event an organisation's calls are counted. */
export interface UsageProgressRow {
  org_id: string;
  seq: number;
}

/** What a tool was when somebody accepted it, so that a later version can be told apart in words. Of no organisation: tools are the same for all. */
export interface ToolVersionRow {
  hash: string;
  tool: string;
  /** JSON: access and definition. */
  snapshot: string;
}
