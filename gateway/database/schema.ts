/** Tables as kysely sees them. Ids are prefixed random text, times epoch milliseconds, flags 0 or 1, JSON text. */
export interface Database {
  orgs: OrgRow;
  users: UserRow;
  memberships: MembershipRow;
  sessions: SessionRow;
  setup_tokens: SetupTokenRow;
  user_keys: UserKeyRow;
  connections: ConnectionRow;
  credentials: CredentialRow;
  vendor_sign_ins: VendorSignInRow;
  oauth_artifacts: ArtifactRow;
  oauth_clients: ClientRow;
  oauth_grants: GrantRow;
  grant_connections: GrantConnectionRow;
  approvals: ApprovalRow;
  audit_events: AuditEventRow;
  audit_heads: AuditHeadRow;
  rate_counters: RateCounterRow;
}

export interface OrgRow {
  id: string;
  name: string;
  /** The one organisation that belongs to a person alone; null for shared ones. */
  personal_of: string | null;
  writes_enabled: number;
  /** Vendors whose extended tools are on, with a space between. */
  extended_vendors: string;
  policy_version: number;
  created_at: number;
}

export interface UserRow {
  id: string;
  email: string;
  name: string;
  /** argon2id in PHC form. */
  password: string;
  created_at: number;
  disabled_at: number | null;
  erased_at: number | null;
}

export interface MembershipRow {
  org_id: string;
  user_id: string;
  role: "owner" | "admin" | "operator" | "approver" | "auditor" | "member";
  active: number;
  created_at: number;
}

export interface SessionRow {
  id_hash: string;
  org_id: string;
  user_id: string;
  created_at: number;
  last_seen_at: number;
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

export interface ConnectionRow {
  id: string;
  org_id: string;
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
  kind: "dcr" | "cimd" | "service";
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

export interface ApprovalRow {
  id: string;
  org_id: string;
  user_id: string;
  client_id: string;
  connection_id: string;
  tool: string;
  call_hash: string;
  arguments_box: Uint8Array;
  preview: string;
  tier: string;
  status: "pending" | "approved" | "denied" | "consumed" | "expired";
  approver_id: string | null;
  decided_at: number | null;
  expires_at: number;
  consumed_call_id: string | null;
  created_at: number;
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
}

export interface AuditHeadRow {
  org_id: string;
  seq: number;
  mac: string;
}

export interface RateCounterRow {
  /** `<what>:<whom>`: an account, address, user, organisation or grant, never a session. */
  key: string;
  window_start: number;
  count: number;
  expires_at: number;
}
