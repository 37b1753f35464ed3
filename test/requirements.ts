/** What Vendorsmith must do, one line each. Tests cite these ids in their titles; `npm run requirements` prints the state. */
export const requirements: Readonly<Record<string, string>> = {
  "FAC-01":
    "One TypeScript package with these top-level entries: package.json, specs, generator, generated, gateway, vendors.yaml, scripts, test, README.md",
  "FAC-02":
    "`npm run generate` reads specs and vendors.yaml and rewrites generated; a maintainer needs no second command",
  "FAC-03": "specs holds one reviewed API description per vendor with its version, date, origin and sha256 recorded",
  "FAC-04":
    "Intake makes each description usable: convert Swagger 2.0 (Autotask, Atera), apply overlay fixes kept as data with a reason each, normalise, keep only mapped operations",
  "FAC-05":
    "vendors.yaml declares per vendor: slug, name, hosts, auth kind, credential fields, key-help link, limits, paging style, tags and tools; a schema check reports errors with line numbers",
  "FAC-06":
    "A mapping names operations as METHOD and path, never by operationId, because ids are missing, duplicated or renamed in vendor files",
  "FAC-07":
    "Each vendor gets a typed client: types from openapi-typescript, calls through openapi-fetch. it replaces the hand-written node library per vendor",
  "FAC-08":
    "Each task becomes one tool module emitted with ts-morph and handlebars, with zod-checked input and a declared output",
  "FAC-09":
    "Tools are task-level: one tool may make several calls, resolve names to ids and return only chosen fields; raw request passthrough tools are refused",
  "FAC-10": "Adding a vendor means a description, a YAML entry and fixtures; no gateway code is written by hand",
  "FAC-11":
    "Output is deterministic and free of timestamps; a check mode fails CI when generated differs from a fresh run",
  "FAC-12":
    "Generation stops on: unknown operation, no usable success type, unclassified tool, duplicate or overlong name, schema root that is not an object, reserved vendor slug (mcp, v1, api, oauth",
  "FAC-13":
    "Generated calls share one runtime: timeouts, cancellation, bounded retries of reads, paging, vendor error mapping, rate budgets",
  "FAC-14":
    "A committed lock holds a hash of every tool (name, description, schemas, annotations); the gateway serves no tool that differs from it",
  "FAC-15": "A script compares a newer vendor description with the pinned one and lists the tools that break",
  "FAC-16":
    "Tool sets are versioned per vendor; after a vendor API change the affected tools answer with a readable error and the others keep working",
  "FAC-17": "A GraphQL vendor uses the same tool pipeline: its documents are checked against the SDL when generating",
  "FAC-18":
    "Connect page, MCPB prompts, environment names and docs all come from the same credential fields in vendors.yaml",
  "FAC-19":
    'Text from a vendor description can neither break out into generated code nor reach a tool description unreviewed; a path argument that is empty, "." or ".." is refused',
  "FAC-20":
    "Card packages are used: openapi-typescript, openapi-fetch, ts-morph, MCP SDK, fastify, @fastify/http-proxy, simple-oauth2, zod, handlebars, vitest, msw",
  "VEN-01":
    "Served slugs: `autotask`, `datto-rmm`, `itglue`, `halopsa`, `syncro`, `atera`, `superops`, `connectwise-psa`, `connectwise-automate`",
  "VEN-02":
    "Datto RMM (P0): platform, API key and secret; base `https://{platform}-api.centrastage.net`. key and secret are exchanged at `/auth/oauth/token` (fixed public client",
  "VEN-03":
    "`datto_list_devices` GET /api/v2/account/devices; `datto_get_device` GET /api/v2/device/{uid}; `datto_list_sites` GET /api/v2/account/sites; `datto_get_site` GET /api/v2/site/{uid}",
  "VEN-04":
    "`datto_list_alerts`. GET /api/v2/account/alerts/open and /api/v2/account/alerts/resolved; a plain alerts path does not exist",
  "VEN-05": "`datto_resolve_alert` POST /api/v2/alert/{uid}/resolve (write)",
  "VEN-06": "`datto_run_quickjob` (destructive, never retried). PUT /api/v2/device/{uid}/quickjob, not POST",
  "VEN-07":
    "`datto_get_audit`. GET /api/v2/audit/{device|printer|esxihost}/{uid} by device class, software under /api/v2/audit/device/{uid}/software",
  "VEN-08":
    "IT Glue (P0): API key in `x-api-key`. three region hosts (US `https://api.itglue.com`, EU `https://api.eu.itglue.com`, AU `https://api.au.itglue.com`), region is a credential field",
  "VEN-09":
    "`itglue_search_organizations` GET /organizations; `itglue_get_organization` GET /organizations/{id}; `itglue_search_configurations` GET /configurations",
  "VEN-10":
    "`itglue_search_passwords` GET /passwords, never with values; `itglue_get_password` GET /passwords/{id}. the API returns the value by default, so the tool asks for none",
  "VEN-11":
    "`itglue_search_documents`. documents are organization-scoped, GET /organizations/{id}/relationships/documents; bodies are left out of search results",
  "VEN-12":
    "`itglue_search_flexible_assets` GET /flexible_assets. a type filter is mandatory, so the tool resolves the type first",
  "VEN-13":
    "Autotask (P1). API user name, secret and integration code in three headers, not key plus secret; the zone host is discovered and cached; three parallel calls per entity",
  "VEN-14":
    "HaloPSA (P1): native OAuth. no token passthrough, which MCP forbids; the gateway holds its own per-user grant (code with PKCE) or client credentials at the customer's host",
  "VEN-15":
    "Syncro (P2). account subdomain plus token sent as bearer, not a key alone; 180 requests a minute per IP shared by all tenants",
  "VEN-16": "Atera (P2): token in `X-API-KEY`",
  "VEN-17":
    "SuperOps (P2). bearer token plus account subdomain header, region and product surface; GraphQL, where most errors arrive with HTTP 200",
  "VEN-18":
    "ConnectWise PSA (P2). company id, public key and private key as Basic, plus the client id header, site and pinned API version",
  "VEN-19":
    "ConnectWise Automate (P3): server URL, user name, password and client id; token from `/cwa/api/v1/APIToken` with the expiry the server states",
  "VEN-20":
    "A further vendor is added by a description and a YAML document alone (also in a private YAML file beside the shipped one), whatever its auth kind, region fields and paging",
  "VEN-21":
    "Every PSA or RMM covers its core tasks (tickets, companies, contacts, devices, alerts) with typed filters, for example tickets by status and priority, create a company, get alerts",
  "VEN-22": "Tool names are vendor prefix, verb, noun, at most 40 characters so that client prefixes stay within 64",
  "VEN-23":
    "Every tool is classed read, write or destructive when generated; title and MCP annotations follow the class",
  "VEN-24":
    "Results are bounded and paged with a cursor; searches are limited so that they cannot dump a whole data set",
  "VEN-25":
    "Vendor failures return as readable tool errors with cause, missing right where known, and reset time; writes are never retried automatically",
  "VEN-26":
    "A limiter per vendor account obeys vendor rate and parallelism limits; one tenant cannot spend another's share or get a shared address blocked",
  "MCP-01": "One Streamable HTTP endpoint per vendor at `/v1/{vendor}`, alias `/{vendor}/mcp`",
  "MCP-02":
    "One unified endpoint at `/mcp` with the tools of all connected vendors and federated servers; alias `POST /` for clients configured with the base URL only",
  "MCP-03":
    "A request without a token gets 401 with `WWW-Authenticate: Bearer` naming metadata and scope. tools are called by JSON-RPC POST; GET with a token is 405, not a tool result",
  "MCP-04":
    "Revision 2026-07-28 and the 2025 revisions are served on the same URL, decided per request, without server sessions. sources target June 2025 or 2025-11-25",
  "MCP-05":
    "The router maps each request to the vendor's tools with the caller's credential injected in process. no per-vendor server behind injected headers",
  "MCP-06": "`GET /v1/{vendor}/tools/list` is a read-only REST view of the list, same token and rules",
  "MCP-07": "A tool list holds only what the caller may call, in stable order, marked private to the caller",
  "MCP-08":
    "A call for a vendor not yet connected changes nothing and returns the connect link (URL elicitation where the client supports it)",
  "MCP-09":
    "Arguments are validated against the schema on the server; results are structured and match the declared output schema",
  "MCP-10": "Host and Origin are checked and no session id ever acts as proof of identity",
  "MCP-11":
    "Works with Claude Desktop, Claude Code, VS Code with Copilot agent mode, Cursor, Copilot Studio, Codex, the OpenAI Responses API and Roo Code",
  "MCP-12": "Adding the URL is all an end user does: no Docker, variables, config files or local API keys",
  "MCP-13":
    "Host limits are respected: result size, tool count per connector, name length; large catalogues get profiles and *may* get search tools",
  "MCP-14": "Prompts and resources of federated servers *should* pass through; generated vendors serve tools",
  "MCP-15":
    "CI runs the public MCP conformance suite and the clients that can run there; 2026-07-28 passes fully, gaps on older revisions are listed with reasons",
  "OAU-01":
    "The gateway is its own OAuth 2.1 authorization server: code grant, PKCE S256 only, no implicit or password grant",
  "OAU-02":
    "`GET /oauth/authorize` with client_id, redirect_uri, code_challenge, resource, scope and state leads through sign-in, credential entry where needed and consent",
  "OAU-03": "`POST /oauth/token` trades code and verifier, or a refresh token, for access and refresh tokens",
  "OAU-04":
    "`POST /oauth/revoke` ends a token and its grant; revocation, offboarding and a disabled user take effect on the next request",
  "OAU-05":
    "Client ID Metadata Documents are preferred; `POST /oauth/register` (RFC 7591) stays as fallback. dynamic registration is deprecated in MCP 2026-07-28, yet current clients need it",
  "OAU-06":
    "`POST /oauth/introspect` for trusted clients; tokens of a configured external issuer *may* be checked by introspection there",
  "OAU-07": "`/.well-known/oauth-authorization-server` (RFC 8414)",
  "OAU-08":
    "`/.well-known/oauth-protected-resource`, also with the resource path appended, for every endpoint and alias. the standard is RFC 9728, not 8707",
  "OAU-09":
    "Tokens are bound to one resource (RFC 8707 indicators) and to the tenant chosen at consent; a token for one vendor is refused at another; aliases count as their primary",
  "OAU-10": "`/.well-known/openid-configuration` and the key set it names",
  "OAU-11":
    "Users sign in with a local account or through an OIDC provider such as Entra ID or Keycloak; `KEYCLOAK_URL` and `KEYCLOAK_REALM` are the short form for Keycloak",
  "OAU-12":
    "REST and CLI callers may present a JWT of the configured issuer; signature, issuer, audience and expiry are checked; `JWT_ALGORITHM` defaults to RS256. it is an allow-list",
  "OAU-13":
    "Programs get tokens as service clients (client credentials) or as personal access tokens. the password grant in the source is gone from OAuth 2.1",
  "OAU-14":
    "`AUTH_ENABLED` (REST) and `MCP_AUTH_ENABLED` (MCP clients) set to false allow development without tokens; the gateway refuses that in production or off loopback",
  "OAU-15":
    "`MCP_OAUTH_CLIENT_ID` and `MCP_OAUTH_CLIENT_SECRET` define one pre-registered client for hosts that cannot register",
  "OAU-16":
    "`MCP_RESOURCE_SERVER_URL` overrides the resource identifier of the unified endpoint; it defaults to MCP-02",
  "OAU-17":
    "Scopes separate read and write per vendor; a missing scope answers 403 with the scopes needed so that clients can step up",
  "OAU-18":
    "Access tokens are short-lived, refresh tokens rotate with reuse detection and a short grace window; connected users do not sign in again",
  "OAU-19":
    "Vendor OAuth grants (VEN-14) run through simple-oauth2; tokens are refreshed in the background before expiry, one refresh at a time per connection",
  "OAU-20": "Consent is asked per client and shows client name, redirect host, scopes and organisation",
  "OAU-21": "Redirect addresses match exactly, loopback with any port, private schemes only from an allow-list",
  "OAU-22": "The browser user finishing a connection must be the user who started it",
  "OAU-23": "Stored tokens are hashes; the client's token is never forwarded to a vendor or upstream",
  "OAU-24": "Sign-in, token, registration and connect routes are rate-limited against guessing and floods",
  "VLT-01":
    "Vendor credentials are stored per user, encrypted with AES-256-GCM. encrypted rows in the database, not token files; key files are used only with mode 0600",
  "VLT-02":
    "Each user (each tenant for shared connections) has a random key wrapped by the master key. not derived from it, since a derived key cannot be destroyed",
  "VLT-03": "A ciphertext is bound to tenant, user, vendor and row, so a swapped or copied row does not open",
  "VLT-04":
    "No plaintext credential in database, log, error, trace, cache, tool result or backup; marked test secrets prove it",
  "VLT-05": "Master keys come from a file or variable, or an HSM-backed provider (HashiCorp Vault, AWS, Azure, Google)",
  "VLT-06": "Master keys rotate online by re-wrapping, with key ids, resumable and audited",
  "VLT-07":
    "Users replace a credential at any time; cached tokens and clients of the old one are dropped at once. Rotation is per tenant, never per server",
  "VLT-08": "Every open of a credential is logged with time, actor, purpose and call id",
  "VLT-09":
    "Credentials are opened just in time for one call and kept no longer; short-lived vendor tokens are minted on demand",
  "VLT-10":
    "Several connections per vendor are possible (own, team, per client company, service); none is ever shared across tenants, not even for read tools",
  "VLT-11":
    "Entity connection and grant: user, vendor, credential reference, last used, token expiry, session expiry. replaces the in-memory GatewaySession, as MCP serving is stateless",
  "VLT-12":
    "A credential is checked by a cheap vendor call when entered; connections show last success, last error and expiry",
  "VLT-13":
    "A vendor's credential is sent only to that vendor's allowed hosts, never on a redirect; user-typed hosts pass an allow-list and a guard against internal addresses",
  "UI-01": "Sign-in and consent pages inside the authorize flow, `/login` outside it",
  "UI-02":
    "`/connect/{vendor}` shows the fields from vendors.yaml (Datto: API key, API secret, platform list), a link to the vendor's key page and a Connect button",
  "UI-03":
    "`/settings` shows connected vendors, authorised clients, usage, and deletion of the account with all credentials",
  "UI-04": "`/settings/vendors` lists connected vendors with state, last use, test and replace",
  "UI-05": "`/settings/revoke` ends access to a vendor after confirmation; a GET never changes anything",
  "UI-06": "`/approvals` is the inbox for pending calls with full preview, approve and deny",
  "UI-07":
    "`/admin` manages organisations, members, servers, tools on or off, permission matrix, policies, redaction rules, usage and audit search",
  "UI-08": "Settings offer copy-ready client configuration for each client of MCP-11",
  "UI-09":
    "Product name, logo and colours are configuration; pages resist framing and cross-site posts and load nothing from third parties",
  "TEN-01": "The organisation is the tenant: every row, cache key, log line and limit carries it; nobody reads across",
  "TEN-02":
    "Roles: owner, admin, operator, approver, auditor, member; a member of several organisations picks one at consent",
  "TEN-03":
    "An MSP manages many client companies below its tenant, each with own connections; technicians are limited to some",
  "TEN-04": "Company limits are checked on arguments and on returned rows, not only on tool names",
  "TEN-05": "Tenant context is injected by the server; a call without it is refused and an argument cannot choose it",
  "TEN-06":
    "One policy gate decides both listing and calling, for MCP and REST: allow-lists, class, arguments, scopes, limits, blocked tools; an unclassified tool is denied",
  "TEN-07": "New tenants start with read tools only; write tools are switched on explicitly",
  "TEN-08":
    "Limits per user, per vendor and per tenant, keyed by identity and lower for writes; answers name the reset time",
  "TEN-09":
    "Isolation is shared (one process, per-request context) or dedicated (one worker per tenant behind @fastify/http-proxy with only that tenant's secrets and no network path to other tenants)",
  "TEN-10": "Write tools can be limited to change windows; tool versions roll out per tenant and roll back",
  "TEN-11": "A tenant can restrict which OAuth clients and which federated servers its users may use",
  "TEN-12": "Tools and fields carry a data class; a tenant sets which classes a model may see",
  "APR-01": "Write tools need human approval by default; policy sets it per tool, class and tenant",
  "APR-02":
    "An approval binds the exact call (tool, canonical arguments, user, client, connection, tenant, policy version), expires and is used once",
  "APR-03":
    'A waiting call returns a normal result with id, link and preview and changes nothing; URL elicitation is used where supported; a client\'s own "confirm" is no approval',
  "APR-04":
    "Destructive and multi-company calls can require a second person or a fresh sign-in; standing approvals with limits *may* exist",
  "APR-05":
    "Secrets, personal data and health data are removed from results before the model sees them, by tenant `redaction_rules`",
  "APR-06":
    "Fields known to be sensitive are marked in vendors.yaml and hidden unless allowed (passwords, proxy settings, one-time codes)",
  "APR-07": "Arguments are checked for secret exfiltration and injection marks; such calls are blocked or flagged",
  "APR-08": "Vendor text is treated as untrusted data: control characters stripped, length capped, origin marked",
  "APR-09": "Fixed order of a call: tenant present, policy, approval, context injection, call, redaction, audit",
  "AUD-01":
    "Entity `audit_logs`: timestamp, level, logger, event_type (`mcp_request`, …), user, action (`invoke_tool`, …), mcp_server, tool_name, redacted parameters, status, duration_ms",
  "AUD-02": "Status is one of success, error, timeout, denied, pending_approval. the sources use three different sets",
  "AUD-03":
    "Hashes are SHA-256 over canonical JSON, keyed per tenant. a plain hash of a string form is neither stable nor safe for short values",
  "AUD-04":
    "Sinks, each optional: JSON lines in `AUDIT_LOG_FILE` (default audit.json), standard output when `AUDIT_TO_STDOUT` is true, the database",
  "AUD-05": "Denials are recorded like successes and can be filtered by status",
  "AUD-06": "Authorization trace per decision: subject, client, scopes, audience, rule, outcome",
  "AUD-07": "Change log for writes: ticket edits, device actions, configuration, policy and permission changes",
  "AUD-08": "Connection life (connect, disconnect, error), vendor errors and rate-limit answers are events",
  "AUD-09":
    "Alerts, sent at least by webhook: unusual call volume, first use of a tool by a user, attempt on a foreign tenant, injection marks, consent anomalies, denied actions",
  "AUD-10": "Records are chained by hash per tenant and a command verifies the chain",
  "AUD-11": "Search at `GET /api/v1/audit`, export as SIEM-ready streams and retention, each per tenant",
  "AUD-12": "If the audit record cannot be written, a write tool does not run",
  "FED-01":
    "`mcp_servers.yaml` lists external servers by name: url, type, timeout (seconds), enabled, description, tags, tools (allow-list), metadata.description, auth (null allowed)",
  "FED-02":
    "Type is http, sse or stdio. a product name such as elasticsearch-mcp is no transport and is refused with a hint",
  "FED-03":
    "auth.method: api_key, bearer, basic (Base64), oauth2, custom or none; auth.location: header, query or body (JSON) with a name; auth.format: raw",
  "FED-04":
    "auth.credential_ref: `env://VAR`, `file:///path` (first line, trimmed), `vault://path`; a literal secret is refused. vault works from the start, not later",
  "FED-05":
    "Example references: `SALESFORCE_API_KEY`, `INTERNAL_API_TOKEN`, `ELK_API_TOKEN`, `FIGMA_API_TOKEN`, `GITHUB_TOKEN`, `NOTION_API_KEY`; any variable name works",
  "FED-06": "External servers may also use per-user credentials from the vault",
  "FED-07":
    "Entity McpServer: id, orgId, name, slug (unique), transport, config, status (connected, disconnected, error), lastPingAt. File entries",
  "FED-08": "Entity McpTool: id, serverId, name, description, inputSchema, isEnabled",
  "FED-09":
    "A manager connects, pings, reconnects with backoff and refreshes tool lists; a router sends each call to the right server",
  "FED-10":
    "Tools aggregate by name; a unique name stays as it is, a shared one is listed per server as `{server}__{tool}`; differing schemas are not merged",
  "FED-11": "`broadcast__{tool}` appears when a tool exists on more than one server and asks all of them",
  "FED-12":
    "Broadcast results are keyed by server, errors sit in their own map, counts and time are given; one failure does not fail the rest",
  "FED-13":
    "only read tools broadcast, also when a plain shared name is called; a write names exactly one server. Policy applies to the inner tool of each server",
  "FED-14":
    "Broadcast also spans vendors and client companies (for example open alerts over all RMMs) within the caller's rights",
  "FED-15": "Upstream tool definitions are pinned by hash; a change is held until an admin accepts the difference",
  "FED-16":
    "Upstreams use HTTPS except loopback; internal addresses are refused unless an admin allows them; stdio upstreams run sandboxed",
  "FED-17":
    "Ready presets for Figma, GitHub and Notion. the source points at REST API roots, which are not MCP endpoints",
  "FED-18":
    "A private catalogue of approved servers with owner, maturity (official, community, preview), pinned version and review date. It *should* describe those the report names: GitHub, Okta",
  "FED-19": "Tags follow function, environment, technology, region; a check warns about lookalike tags",
  "FED-20": "A command registers a server and tests access to it",
  "API-01":
    "REST routes need a bearer token except API-02 and API-03, and pass the same gate, approval and audit as MCP calls",
  "API-02": "`GET /` product and API information",
  "API-03": "`GET /health` state of process, database, cache and upstreams; details only for admins",
  "API-04": "`GET /config` effective settings. admins only and never a secret",
  "API-05": "`GET /api/v1/servers` list (alias `GET /mcp/servers`); `POST /api/v1/servers` register",
  "API-06":
    "`GET /api/v1/servers/:id` details and status (alias `GET /mcp/server/{server_name}/info`); `PUT /api/v1/servers/:id` update; `DELETE /api/v1/servers/:id` remove",
  "API-07": "`POST /api/v1/servers/:id/connect` and `POST /api/v1/servers/:id/disconnect`",
  "API-08":
    "`GET /api/v1/tools` all tools; aliases `GET /tools` (tools with name, description, inputSchema) and `GET /mcp/list-tools?mcp_server=` (mcp_server, tools, count)",
  "API-09":
    "`POST /api/v1/tools/call` invoke; alias `POST /mcp/invoke?mcp_server=` (tool_name, parameters in; success, tool_name, mcp_server, result, execution_time_ms out)",
  "API-10":
    "`POST /tools/{tool_name}/invoke` takes the arguments as body, broadcasts under FED-13 and returns content: a summary text and a resource `gateway://results/{tool}` (JSON: results",
  "API-11":
    "`POST /mcp/invoke-broadcast` with tool_name, parameters, optional tags and mcp_servers returns tool_name, total_servers, successful, failed, execution_time_ms, results, errors",
  "API-12": "`GET /api/v1/permissions/:agentType` and `PUT /api/v1/permissions`",
  "API-13": "`GET /api/v1/analytics/usage`",
  "API-14":
    "`PATCH /api/v1/tools/:id` sets isEnabled; `GET /api/v1/approvals` and `POST /api/v1/approvals/:id` list and decide",
  "PAC-01": 'Entity McpToolPermission: id, toolId, agentType or "*", allowed',
  "PAC-02":
    'Order: tenant policy first, then exact agent type before "*", deny before allow; the agent type comes from the authenticated client, not from the request',
  "PAC-03": "A single tool can be switched off for everyone or for a tenant without a restart",
  "PAC-04":
    "Entity McpToolUsage: id, toolId, callerId, callerType (agent, skill, user), input, output, durationMs, status (success, error, timeout), cached",
  "PAC-05":
    "Usage figures by tool, vendor, caller, tenant and period: calls, failures, timeouts, latency, cache hits; they also feed limits",
  "PAC-06":
    "Results are cached for `CACHE_TTL_SECONDS` (default 300) and marked as cached. read tools only, keyed by tenant, user, connection and arguments, never sensitive fields",
  "LOC-01":
    "Offered transports: Streamable HTTP and stdio. HTTP+SSE is deprecated and remains only towards upstreams (FED-02)",
  "LOC-02":
    "Local mode: one command, runnable with npx, starts one vendor over stdio with credentials from the environment and no OAuth; logs go to standard error only",
  "LOC-03":
    "Local variables are generated from the credential fields; `TENANT_ID` and `API_TOKEN` are accepted as the generic names",
  "LOC-04": "Local mode needs no gateway: it serves air-gapped sites and is the fallback during an outage",
  "LOC-05": "Container image for self-hosting, serving one vendor or all over Streamable HTTP",
  "LOC-06":
    "Behind another trusted gateway a single-vendor server *may* take credentials per request in `X-API-Key` and `X-API-Secret`, off by default. not used inside our own process",
  "LOC-07":
    "An `.mcpb` bundle per vendor with all dependencies and a manifest naming the credentials to prompt for; installs in Claude Desktop 0.10 or newer without terminal or Node.js",
  "LOC-08":
    "Bundles and images are attached to releases with checksums, named `{vendor}-mcp`. one repository, no repository per vendor; npm",
  "LOC-09": "All modes run the same generated tools and pass the same contract tests",
  "LOC-10": "The mcp-remote bridge works for local-only clients, also with a static header passed as `AUTH_HEADER`",
  "LOC-11":
    "Public registry metadata *may* be generated and checked; the registry is a preview and for public servers only",
  "OPS-01": "One TypeScript process serves everything. no Python gateway, no fork, no container per vendor",
  "OPS-02":
    "`PUBLIC_URL` sets issuer, resource identifiers and links. the sources name two domains; branding is neutral",
  "OPS-03": "`PORT` defaults to 3100; 443 is the front proxy's. 8000 and the vendor ports 3001 and up are dropped",
  "OPS-04":
    "`DATABASE_URL`: PostgreSQL in production, embedded SQLite (node:sqlite) when unset, for one node and development. MySQL and MongoDB only *may* follow behind the same storage interface",
  "OPS-05": "`REDIS_URL` is optional; it shares limits, cache and events between replicas, one node works without it",
  "OPS-06": "Structured pino logs at `LOG_LEVEL` (default info), secrets removed",
  "OPS-07":
    "Variables are checked with zod at start, listed in `.env.example`; production refuses weak keys, plain HTTP and disabled authentication",
  "OPS-08": "Dockerfile (small, non-root) and a Compose file with gateway, PostgreSQL and Redis",
  "OPS-09": "Graceful shutdown and versioned migrations",
  "OPS-10": "Replicas are stateless, need no affinity and scale out",
  "OPS-11":
    "Recipes: Azure Container Apps (Terraform or Bicep), Fly.io, Railway, DigitalOcean, Kubernetes, on-premises, hybrid with a worker near the data",
  "OPS-12": "Multi-region: a tenant has a home region, reads stay close, credentials never leave it",
  "OPS-13": "TLS 1.3 at the edge. vendors decide their side, so outgoing calls need 1.2 or newer",
  "OPS-14": "Metrics, traces and alert rules for traffic, errors, vendor health and token refresh",
  "OPS-15":
    "A failing or slow vendor or upstream trips a breaker for itself only; its tools stay listed with a readable error and it never empties the list or delays others beyond its timeout",
  "OPS-16":
    "CI: build, lint, type check, tests, contract tests against `tools/list` and main tools; release workflow with semantic version and image",
  "OPS-17": "Pinned versions, SBOM, signed artefacts, changelog, dependency checks; deployment only through CI",
  "DOC-01": "README: install, generate, add a vendor, run, connect, test",
  "DOC-02":
    "Guides: deployment (npm, Docker, MCPB, hosting), gateway, catalogue of vendors and tools, architecture with its three layers and three deployment patterns",
  "DOC-03":
    "Setup page per client, with `.mcp.json` (type http), `claude_desktop_config.json`, Cursor, VS Code and the Claude Desktop connector URL; where clients keep their logs",
  "DOC-04": "Per vendor: where to get keys, least rights, limits, outgoing address for vendor allow-lists",
  "DOC-05": "Migration guide for users of the local Autotask server",
  "DOC-06":
    "Plugins (skills, commands, prompts) stay outside; a vendor entry carries a `companionPluginId` to link them",
  "DOC-07":
    "vitest with msw replays vendor answers; no test needs a vendor account; an opt-in command runs live checks with own keys",
  "DOC-08": "Extension points are documented: authentication, audit sinks, storage, new server",
  "DOC-09": "CHANGELOG, LICENSE (Apache-2.0 or MIT), issue and pull request templates, security policy with advisories",
  "DOC-10":
    "Security guide, incident playbook, pilot checklist (2–3 measurable use cases, read-only first) and a scorecard of auth, tenancy, audit, policy, deployment, cost, compliance, maturity",
  "CMP-01":
    "Controls are mapped to GDPR articles 30 and 32, HIPAA technical safeguards (access, audit, encryption) and the SOC 2 criteria, each with its proving test",
  "CMP-02":
    "Right to deletion: a user removes all stored credentials; destroying the user key makes copies unreadable; the audit chain stays valid without names",
  "CMP-03": "EU hosting option, data kept in the tenant's region",
  "CMP-04": "Evidence and records of processing can be exported: access, changes, retention, key rotation",
  "MET-01": "Connection success above 95 %, counted per vendor",
  "MET-02": "From authorize to token under 60 seconds, measured as a histogram",
  "MET-03":
    "Added latency under 100 ms, goal 20 ms. the source states both figures; a repeatable benchmark in CI compares direct and through",
  "MET-04": "No credential exposure: marked test secrets are found nowhere outside the vault",
  "MET-05": "Pilot measures can be drawn from usage data: time to triage, escalation accuracy, report turnaround",
};
