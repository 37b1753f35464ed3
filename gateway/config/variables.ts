import { z } from "zod";
import { vaultKeys } from "./master-keys.ts";
import { domains, issuer, joinRole, orgId, providerList, providerName } from "./providers.ts";
import {
  address,
  addresses,
  algorithms,
  auditKeys,
  cookieKeys,
  EXAMPLE_KEY,
  flag,
  headerList,
  headerName,
  hostPatterns,
  origin,
  proxies,
  regionAddresses,
  resourceIdentifier,
  schemes,
  share,
  signingKeys,
  slugs,
  tenants,
  vendorOrigins,
  webhookSecret,
  whole,
} from "./values.ts";

/**
 * Every variable the gateway reads, in config.ts alone. `.env.example` and the table in the documentation are printed
 * from this list. A secret `X` may also come from the file that `X_FILE` names.
 */
export const variables = {
  NODE_ENV: variable(z.enum(["development", "production", "test"]).default("development"), {
    about: "`production` refuses weak or missing keys and plain HTTP.",
    default: "development",
  }),
  HOST: variable(z.string().optional(), {
    about: "Address to listen on.",
    default: "127.0.0.1; 0.0.0.0 in production",
  }),
  PORT: variable(whole(1, 65_535).default(3100), { about: "Port to listen on.", default: "3100" }),
  PUBLIC_URL: variable(z.string().transform(origin).optional(), {
    about: "The address people type, scheme and host only. Issuer, resource identifiers and links derive from it.",
    default: "http://localhost:$PORT; required in production, with https",
    example: "https://mcp.example.com",
  }),
  MCP_RESOURCE_SERVER_URL: variable(z.string().transform(resourceIdentifier).optional(), {
    about:
      "What the address of all vendors is called in its metadata and in tokens, where clients reach it by another.",
    default: "$PUBLIC_URL/mcp",
    example: "https://api.example.com/vendorsmith/mcp",
  }),
  REGION: variable(
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be small letters, digits and hyphens, such as eu-central")
      .optional(),
    {
      about:
        "The region of this gateway, by a name of your own. Organisations made here are at home in it, and those of another region are not served here. See docs/data-residency.md.",
      default: "none: one place for all",
      example: "eu-central",
    },
  ),
  REGIONS: variable(z.string().transform(regionAddresses).optional(), {
    about: "Where the gateways of other regions are reached, to tell people.",
    default: "none",
    example: "eu-central=https://eu.example.com,us-east=https://us.example.com",
  }),
  DATA_DIR: variable(z.string().default("./data"), {
    about: "Folder of the embedded database and of keys made in development. Created with mode 0700.",
    default: "./data",
  }),
  ROLE: variable(z.enum(["gateway", "front"]).default("gateway"), {
    about: "`front` serves nothing itself and sends requests to the workers of TENANTS; see docs/dedicated.md.",
    default: "gateway",
  }),
  TENANTS: variable(z.string().transform(tenants).optional(), {
    about: "For a front: JSON, host name to the origin of that tenant's worker.",
    default: "none",
    example: '{"acme.mcp.example.com":"http://worker-acme:3100"}',
  }),
  VENDORS: variable(z.string().transform(slugs).optional(), {
    about: "The vendors that are served, comma-separated; the others are not loaded.",
    default: "all",
    example: "some-vendor,another-vendor",
  }),
  SMTP_URL: variable(
    z
      .string()
      .regex(/^smtps?:\/\/[^\s]+$/, "must start with smtp:// or smtps://")
      .optional(),
    {
      about: "The mail server, with user and password where it wants them. Unset: no mail leaves.",
      secret: true,
      file: true,
      example: "smtps://vendorsmith:password@mail.example.com",
    },
  ),
  MAIL_FROM: variable(
    z
      .string()
      .regex(/^(?:[^<>\r\n]+ <)?[^\s<>@]+@[^\s<>@]+>?$/, "must be an address, such as approvals@example.com")
      .optional(),
    { about: "Whom mail comes from. Needed with SMTP_URL.", example: "Vendorsmith <approvals@example.com>" },
  ),
  DATABASE_URL: variable(
    z
      .string()
      .regex(/^postgres(ql)?:\/\/./, "must start with postgres://")
      .optional(),
    {
      about:
        "PostgreSQL 15 or newer, with `?sslmode=verify-full` for TLS; over a network production asks for an sslmode, see docs/postgresql.md. Unset means an embedded SQLite file in DATA_DIR, for one process.",
      secret: true,
      file: true,
      example: "postgres://vendorsmith@localhost/vendorsmith",
    },
  ),
  REDIS_URL: variable(
    z
      .string()
      .regex(/^rediss?:\/\/./, "must start with redis:// or rediss://")
      .optional(),
    {
      about:
        "Redis 6.2 or newer, shared by all replicas for limits, messages and results; without it they use PostgreSQL. See docs/replicas.md.",
      secret: true,
      file: true,
      example: "rediss://vendorsmith:password@redis.example.com:6379",
    },
  ),
  MIGRATION_DATABASE_URL: variable(
    z
      .string()
      .regex(/^postgres(ql)?:\/\/./, "must start with postgres://")
      .optional(),
    {
      about:
        "The same database for the role that owns its tables, where the role of DATABASE_URL may only read and write them.",
      default: "DATABASE_URL",
      secret: true,
      file: true,
      example: "postgres://vendorsmith_owner@localhost/vendorsmith",
    },
  ),
  DATABASE_CONNECTIONS: variable(whole(1, 500).default(10), {
    about: "Most connections of one process to PostgreSQL. All replicas together must stay below its max_connections.",
    default: "10",
  }),
  DATABASE_WAIT_SECONDS: variable(whole(1, 60).default(5), {
    about: "How long a request waits for one of them before it is answered with 503.",
    default: "5",
  }),
  DATABASE_STATEMENT_SECONDS: variable(whole(1, 3600).default(30), {
    about: "After it PostgreSQL ends a statement. Migrations are not bound by it.",
    default: "30",
  }),
  VAULT_KEYS: variable(z.string().transform(vaultKeys).optional(), {
    example: `k1:${EXAMPLE_KEY}`,
    about:
      "Master keys of the vault, `kid:base64` of 32 bytes each or `kid:service://…`, comma-separated; the first wraps, all unwrap, see docs/keys.md. Losing them loses every stored credential. Make one with `npm run keys -- new master`; the example is refused.",
    default: "made in DATA_DIR at first start; required in production",
    secret: true,
    file: true,
  }),
  TRANSIT_TOKEN: variable(z.string().optional(), {
    about: "For a `transit://` key: the token of HashiCorp Vault or OpenBao.",
    secret: true,
    file: true,
  }),
  TRANSIT_ROLE_ID: variable(z.string().optional(), { about: "With `auth=approle` in the address: the role's id." }),
  TRANSIT_SECRET_ID: variable(z.string().optional(), {
    about: "And its secret id.",
    secret: true,
    file: true,
  }),
  AUDIT_KEY: variable(z.string().transform(auditKeys).optional(), {
    about:
      "Keys the chain, the anchors and the hashes of the audit log: 32 bytes, base64, not a vault key. After a rotation comma-separated: the first signs, all verify.",
    default: "made in DATA_DIR at first start; required in production",
    secret: true,
    file: true,
  }),
  COOKIE_KEYS: variable(z.string().transform(cookieKeys).optional(), {
    about: "Sign cookies and forms: comma-separated, at least 32 characters each; the first signs, all verify.",
    default: "made in DATA_DIR at first start; required in production",
    secret: true,
    file: true,
  }),
  SIGNING_KEYS: variable(z.string().transform(signingKeys).optional(), {
    about: "Private ES256 keys as a JWK, a list of them or a JWK set; the first signs identity tokens.",
    default: "made in DATA_DIR at first start; required in production",
    secret: true,
    file: true,
  }),
  OIDC_ISSUER: variable(z.string().transform(issuer).optional(), {
    about: "Single sign-on: the issuer of your OpenID provider, see docs/single-sign-on.md.",
    default: "none",
    example: "https://login.example.com",
  }),
  OIDC_CLIENT_ID: variable(z.string().optional(), { about: "The client id that your provider gave this gateway." }),
  OIDC_CLIENT_SECRET: variable(z.string().optional(), {
    about: "Its secret; without one the gateway is a public client with PKCE.",
    secret: true,
    file: true,
  }),
  OIDC_NAME: variable(providerName.default("your company account"), {
    about: "What people call it: the button says “Sign in with …”.",
    default: "your company account",
    example: "Example GmbH",
  }),
  OIDC_DOMAINS: variable(z.string().transform(domains).optional(), {
    about: "Domains of e-mail addresses that may sign in there, comma-separated; the provider must have verified them.",
    default: "all that the provider lets in",
    example: "example.com,example.org",
  }),
  OIDC_JOIN: variable(joinRole.default("off"), {
    about:
      "Whether people without an account get one when they sign in there: `off`, or their role in OIDC_ORG (admin, operator, approver, auditor, member).",
    default: "off",
  }),
  OIDC_ORG: variable(orgId.optional(), {
    about: "The id of the organisation that they join.",
    example: "org_",
  }),
  OIDC_PROVIDERS: variable(z.string().transform(providerList).optional(), {
    about:
      "More than one provider: a JSON list of objects with issuer, clientId, clientSecret, name, domains, join and org.",
    default: "none",
    secret: true,
    file: true,
  }),
  KEYCLOAK_URL: variable(z.string().transform(issuer).optional(), {
    about: "Short form for Keycloak, in place of OIDC_ISSUER: its address.",
    example: "https://keycloak.example.com",
  }),
  KEYCLOAK_REALM: variable(z.string().optional(), { about: "And the realm.", example: "staff" }),
  LOG_LEVEL: variable(z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"), {
    about: "fatal, error, warn, info, debug, trace or silent.",
    default: "info",
  }),
  MAX_REQUESTS: variable(whole(1, 100_000).default(2_000), {
    about: "Requests under way at a time; more are answered with 503, see docs/limits.md.",
    default: "2000",
  }),
  MAX_REQUESTS_PER_TENANT: variable(whole(1, 100_000).default(256), {
    about: "For a front: requests of one tenant under way at a time; more are answered with 503.",
    default: "256",
  }),
  MAX_EVENT_LOOP_DELAY_MS: variable(whole(0, 60_000).optional(), {
    about: "How late the event loop may be on average before requests are answered with 503; 0 for no bound.",
    default: "0; 1000 in production",
  }),
  MAX_MEMORY_PERCENT: variable(whole(1, 100).default(90), {
    about:
      "How much of the memory that V8 or the container may have can be in use before requests are answered with 503.",
    default: "90",
  }),
  MAX_CONNECTIONS: variable(whole(1, 1_000_000).default(10_000), {
    about: "Connections that clients may hold open; more are closed.",
    default: "10000",
  }),
  MAX_CONNECTIONS_PER_ADDRESS: variable(whole(1, 1_000_000).default(1_000), {
    about: "Of these by one address, where no TRUST_PROXY stands in front.",
    default: "1000",
  }),
  DRAIN_SECONDS: variable(whole(0, 300).optional(), {
    about: "How long the gateway still takes requests after SIGTERM, while `/ready` says no and load balancers notice.",
    default: "0; 5 in production",
  }),
  SHUTDOWN_SECONDS: variable(whole(5, 3600).default(25), {
    about:
      "Patience after SIGTERM in all: reads are stopped 7 s before its end, changes 3 s before. Keep it below what your orchestrator waits.",
    default: "25",
  }),
  METRICS_PORT: variable(whole(1, 65_535).optional(), {
    about: "A port of its own for Prometheus: `/metrics` there, see docs/monitoring.md.",
    default: "none",
    example: "9464",
  }),
  METRICS_HOST: variable(z.string().default("127.0.0.1"), {
    about: "Address that METRICS_PORT is opened on. Another than this machine's own needs METRICS_TOKEN.",
    default: "127.0.0.1",
  }),
  METRICS_TOKEN: variable(z.string().min(32, "must have at least 32 characters").optional(), {
    about: "What Prometheus sends as bearer token. With it `/metrics` is on the main port as well.",
    default: "none: `/metrics` is not on the main port",
    secret: true,
    file: true,
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(z.string().transform(address("https:", "http:")).optional(), {
    about: "Where traces go, as OTLP over HTTP: a collector's address without `/v1/traces`. Unset: no traces are made.",
    default: "none",
    example: "http://collector.internal:4318",
  }),
  OTEL_EXPORTER_OTLP_HEADERS: variable(z.string().transform(headerList).optional(), {
    about: "Headers that the collector wants: `name=value`, comma-separated.",
    default: "none",
    secret: true,
    file: true,
  }),
  OTEL_SERVICE_NAME: variable(z.string().max(100).default("vendorsmith"), {
    about: "What this gateway is called in traces.",
    default: "vendorsmith",
  }),
  OTEL_TRACES_SAMPLER_ARG: variable(share.default(1), {
    about: "Which share of the traces is kept, from 0 to 1.",
    default: "1",
  }),
  TRUST_PROXY: variable(z.string().transform(proxies).optional(), {
    about: "Addresses or ranges of the proxies in front, comma-separated; only they may name the caller's address.",
    default: "none",
    example: "10.0.0.0/8",
  }),
  TRUST_PROXY_HEADER: variable(z.string().transform(headerName).optional(), {
    about:
      "Header in which those proxies name the caller's address and nothing else, such as `Fly-Client-IP`; one that they overwrite.",
    default: "X-Forwarded-For: its last address that is none of theirs",
  }),
  REDIRECT_SCHEMES: variable(z.string().default("cursor,vscode,vscode-insiders").transform(schemes), {
    about: "Private URL schemes that clients may be redirected to.",
    default: "cursor,vscode,vscode-insiders",
  }),
  VENDOR_HOSTS: variable(z.string().transform(hostPatterns).optional(), {
    about:
      "Servers of vendors that people may name: names, `*.example.com` or `*`, each with `:port` for another than 443, comma-separated.",
    default: "any public name, on port 443",
    example: "*.example.com,desk.example.net:8443",
  }),
  CLIENT_DOCUMENTS: variable(flag("true"), {
    about:
      "`false` fetches no client's description from the internet, for a gateway that cannot reach it; clients then register themselves.",
    default: "true",
  }),
  MCP_OAUTH_CLIENT_ID: variable(
    z
      .string()
      .regex(/^[\w.-]{3,100}$/, "must be 3 to 100 letters, digits, dots, hyphens or underscores")
      .optional(),
    {
      about: "One client made known beforehand, for hosts that cannot register themselves.",
      default: "none",
    },
  ),
  MCP_OAUTH_CLIENT_SECRET: variable(z.string().min(32, "must have at least 32 characters").optional(), {
    about: "Its secret; without one it is a public client that proves itself by PKCE alone.",
    default: "none",
    secret: true,
    file: true,
  }),
  MCP_OAUTH_REDIRECT_URIS: variable(z.string().transform(addresses).optional(), {
    about: "Where its host may be sent back to, comma-separated.",
    default: "none",
    example: "https://host.example/oauth/callback",
  }),
  AUTH_ENABLED: variable(flag("true"), {
    about:
      "`false` lets the REST API be used without a token, as the first owner. For development on this machine alone.",
    default: "true",
  }),
  MCP_AUTH_ENABLED: variable(flag("true"), {
    about: "`false` does the same for MCP clients.",
    default: "true",
  }),
  JWT_ISSUER: variable(z.string().transform(issuer).optional(), {
    about:
      "Another issuer whose JWT access tokens are accepted for REST and MCP, from people whose account is linked to it.",
    default: "none",
    example: "https://login.example.com/realms/msp",
  }),
  JWT_AUDIENCE: variable(z.string().optional(), {
    about: "The audience such a token must name.",
    default: "the address that is called",
  }),
  JWT_ALGORITHM: variable(z.string().default("RS256").transform(algorithms), {
    about:
      "Signatures that are accepted, comma-separated: RS256, PS256, ES256, EdDSA and their longer kin. Symmetric ones and none are refused.",
    default: "RS256",
  }),
  JWT_JWKS_URL: variable(z.string().transform(issuer).optional(), {
    about: "Where the issuer's keys are.",
    default: "as its discovery document says",
  }),
  JWT_ORG_CLAIM: variable(
    z
      .string()
      .regex(/^[\w:/.-]{1,100}$/, "must be the name of a claim")
      .optional(),
    {
      about: "The claim that names the organisation by its id, for people of several.",
      default: "none: such a person's own organisation",
    },
  ),
  CALLS_PER_MINUTE: variable(whole(1, 100_000_000).default(240), {
    about: "Tool calls of one person to one vendor in a minute.",
    default: "240",
  }),
  WRITES_PER_MINUTE: variable(whole(1, 100_000_000).default(30), {
    about: "How many of them may change something.",
    default: "30",
  }),
  ORG_CALLS_PER_MINUTE: variable(whole(1, 100_000_000).default(1200), {
    about: "Tool calls of a whole organisation in a minute.",
    default: "1200",
  }),
  CACHE_TTL_SECONDS: variable(whole(0, 86_400).default(300), {
    about:
      "How old an answer may be that is given again, for reads that `vendors.yaml` marks with `cache`; 0 asks the vendor each time. See docs/replicas.md.",
    default: "300",
  }),
  AUDIT_LOG_FILE: variable(z.string().optional(), {
    about: "The audit log as JSON lines, besides the database. `off` writes no file.",
    default: "audit.json in DATA_DIR",
  }),
  AUDIT_TO_STDOUT: variable(flag(), { about: "`true` prints the audit log to standard output.", default: "false" }),
  AUDIT_ANCHORS_FILE: variable(z.string().optional(), {
    about: "Signed ends of the audit chains, appended as JSON lines; best on another disk. `off` writes no file.",
    default: "audit-anchors.jsonl in DATA_DIR",
  }),
  AUDIT_ANCHORS_S3_URL: variable(z.string().transform(address("https:", "http:")).optional(), {
    about: "An S3-compatible store for the same: endpoint, bucket and prefix. One object each.",
    default: "none",
    example: "https://s3.eu-central-1.amazonaws.com/my-anchors/vendorsmith",
  }),
  AUDIT_ANCHORS_S3_REGION: variable(z.string().default("us-east-1"), {
    about: "Its region.",
    default: "us-east-1",
  }),
  AUDIT_ANCHORS_S3_KEY_ID: variable(z.string().optional(), { about: "Its access key id.", default: "none" }),
  AUDIT_ANCHORS_S3_SECRET: variable(z.string().optional(), {
    about: "Its secret access key.",
    default: "none",
    secret: true,
    file: true,
  }),
  AUDIT_ANCHORS_S3_LOCK_DAYS: variable(whole(0, 36_500).default(0), {
    about: "Asks the store to keep each anchor for so many days (object lock, compliance mode); 0 does not ask.",
    default: "0",
  }),
  AUDIT_WEBHOOK_URL: variable(z.string().transform(address("https:", "http:")).optional(), {
    about: "Where audit events of all organisations are posted, in signed batches.",
    default: "none",
    example: "https://siem.example.com/vendorsmith",
  }),
  AUDIT_WEBHOOK_SECRET: variable(z.string().transform(webhookSecret).optional(), {
    about: "Signs them in the Standard Webhooks form: `whsec_` and 24 to 64 random bytes in base64.",
    default: "none; required with AUDIT_WEBHOOK_URL",
    secret: true,
    file: true,
  }),
  AUDIT_SYSLOG_URL: variable(
    z
      .string()
      .transform(address("udp:", "tcp:", "tls:"))
      .optional(),
    {
      about: "Where audit events go as syslog (RFC 5424): `udp://`, `tcp://` or `tls://`, host and port.",
      default: "none",
      example: "tls://syslog.example.com:6514",
    },
  ),
  PRODUCT_NAME: variable(z.string().max(60).default("Vendorsmith"), {
    about: "Name on pages and to clients.",
    default: "Vendorsmith",
  }),
  PRODUCT_LOGO_FILE: variable(z.string().optional(), { about: "SVG or PNG shown on pages.", default: "none" }),
  PRODUCT_COLOR: variable(
    z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, "must look like #1a4fd6")
      .optional(),
    {
      about: "Accent colour of pages.",
      default: "the built-in one",
      example: "#1a4fd6",
    },
  ),
  DEMO: variable(flag(), {
    about: "`true` labels every page as a simulation. Refused in production.",
    default: "false",
  }),
  DEV_VENDOR_ORIGINS: variable(z.string().transform(vendorOrigins).optional(), {
    about: "JSON, vendor to loopback URL: sends that vendor's calls to a simulation. Refused in production.",
    default: "none",
    example: '{"some-vendor":"http://127.0.0.1:4010"}',
  }),
} as const;

interface Facts {
  readonly about: string;
  /** What happens when unset, in words. */
  readonly default?: string;
  readonly example?: string;
  readonly secret?: boolean;
  /** Whether `<NAME>_FILE` may name a file that holds the value. */
  readonly file?: boolean;
}

export type AnyVariable = Omit<Facts, "file"> & { readonly schema: z.ZodType; readonly file: boolean };

function variable<Schema extends z.ZodType>(schema: Schema, facts: Facts) {
  return { ...facts, schema, file: facts.file ?? false };
}
