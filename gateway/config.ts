import { resolve } from "node:path";
import type { z } from "zod";
import { clearRedis, undecidedTls } from "./config/clear-text.ts";
import { isLocal, type RemoteKey, type VaultKey } from "./config/master-keys.ts";
import { providerDisagreements, providersOf } from "./config/providers.ts";
import { readSecretFile } from "./config/secret-file.ts";
import { settingOf } from "./config/settings.ts";
import { isLoopback, type SigningKey } from "./config/values.ts";
import { type AnyVariable, variables } from "./config/variables.ts";

export type { VaultKey } from "./config/master-keys.ts";
export type { OidcProvider } from "./config/providers.ts";
export type { SigningKey } from "./config/values.ts";

type VariableName = keyof typeof variables;
type Values = { [Name in VariableName]: z.output<(typeof variables)[Name]["schema"]> };

/** Keys the environment gave. What is absent is read from DATA_DIR or, in development, made there: see keys.ts. */
interface GivenKeys {
  readonly vault?: readonly VaultKey[];
  readonly audit?: readonly Buffer[];
  readonly cookies?: readonly string[];
  readonly signing?: readonly SigningKey[];
}

/** @throws ConfigError that names every wrong variable at once, and no value */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const { values, wrong } = parse(env);
  const told = new Set(wrong.map(variableOf)); // one that cannot be read is not missing as well
  const together = [...wrong, ...disagreements(values).filter((line) => !told.has(variableOf(line)))];
  if (together.length > 0) throw new ConfigError(together);
  return { ...shape(values as Values), settings: settingsOf(env), clearText: clearText(values) };
}

export type Config = ReturnType<typeof readConfig>;

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(lines: readonly string[]) {
    super(`The configuration is not valid:\n${lines.map((line) => `  ${line}`).join("\n")}`);
  }
}

const variableOf = (line: string) => line.slice(0, line.indexOf(":")).replace(/_FILE$/, "");

const settingsOf = (env: NodeJS.ProcessEnv) =>
  (Object.entries(variables) as [string, AnyVariable][]).map(([name, variable]) => settingOf(name, variable, env));

function shape(values: Values) {
  const production = values.NODE_ENV === "production";
  const dataDir = resolve(values.DATA_DIR);
  return {
    production,
    host: values.HOST ?? (production ? "0.0.0.0" : "127.0.0.1"),
    port: values.PORT,
    /** Scheme and host, no slash at the end. */
    publicUrl: values.PUBLIC_URL ?? `http://localhost:${values.PORT}`,
    /** What the address of all vendors is called, where that is not its own address. */
    resource: values.MCP_RESOURCE_SERVER_URL,
    trustProxy: values.TRUST_PROXY ?? false,
    /** In lower case; undefined means X-Forwarded-For. */
    trustProxyHeader: values.TRUST_PROXY_HEADER,
    /** Host → origin of that tenant's worker; then this process is the front and serves nothing itself. */
    tenants: values.ROLE === "front" ? values.TENANTS : undefined,
    /** Slugs of the vendors that are served; undefined means all. */
    vendors: values.VENDORS,
    dataDir,
    regions: { own: values.REGION, addresses: values.REGIONS ?? {} },
    /** A PostgreSQL address, or the embedded database's file. */
    database: place(values, dataDir),
    /** Where replicas meet; without it they meet in the database. */
    redis: values.REDIS_URL,
    keys: {
      vault: values.VAULT_KEYS,
      audit: values.AUDIT_KEY,
      cookies: values.COOKIE_KEYS,
      signing: values.SIGNING_KEYS,
    } as GivenKeys,
    /** How the gateway signs in where a `transit://` master key lives. */
    transit: { token: values.TRANSIT_TOKEN, roleId: values.TRANSIT_ROLE_ID, secretId: values.TRANSIT_SECRET_ID },
    logLevel: values.LOG_LEVEL,
    /** Where traces go, if anywhere; `share` of them. */
    traces: values.OTEL_EXPORTER_OTLP_ENDPOINT
      ? {
          url: `${values.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/$/, "")}/v1/traces`,
          headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
          service: values.OTEL_SERVICE_NAME,
          share: values.OTEL_TRACES_SAMPLER_ARG,
        }
      : undefined,
    /** Where figures are read, if anywhere. */
    /** When requests are refused with 503. A delay of 0 is no bound. */
    pressure: {
      requests: values.MAX_REQUESTS,
      tenantRequests: values.MAX_REQUESTS_PER_TENANT,
      eventLoopDelayMs: values.MAX_EVENT_LOOP_DELAY_MS ?? (production ? 1_000 : 0),
      memoryPercent: values.MAX_MEMORY_PERCENT,
    },
    sockets: { all: values.MAX_CONNECTIONS, perAddress: values.MAX_CONNECTIONS_PER_ADDRESS },
    /** From SIGTERM on: how long requests are still taken, and when all is over. */
    shutdown: {
      drainMs: 1000 * (values.DRAIN_SECONDS ?? (production ? 5 : 0)),
      patienceMs: 1000 * values.SHUTDOWN_SECONDS,
    },
    metrics: { port: values.METRICS_PORT, host: values.METRICS_HOST, token: values.METRICS_TOKEN },
    audit: {
      file: auditFile(values.AUDIT_LOG_FILE, dataDir, "audit.json"),
      stdout: values.AUDIT_TO_STDOUT,
      anchors: {
        file: auditFile(values.AUDIT_ANCHORS_FILE, dataDir, "audit-anchors.jsonl"),
        store: anchorStore(values),
      },
      webhook: values.AUDIT_WEBHOOK_URL
        ? { url: values.AUDIT_WEBHOOK_URL, secret: values.AUDIT_WEBHOOK_SECRET! }
        : undefined,
      syslog: values.AUDIT_SYSLOG_URL,
    },
    product: { name: values.PRODUCT_NAME, logoFile: values.PRODUCT_LOGO_FILE, color: values.PRODUCT_COLOR },
    oauth: {
      /** Private schemes without the colon: `cursor`. */
      redirectSchemes: values.REDIRECT_SCHEMES,
      /** Whether a client may be described by a document at its own address. */
      clientDocuments: values.CLIENT_DOCUMENTS,
      /** The one client that the operator made known, for hosts that cannot register; as RFC 7591 writes it. */
      client: configuredClient(values),
    },
    /** Where people may sign in besides here. */
    providers: providersOf(values),
    /** Tool calls a minute. */
    budgets: {
      calls: values.CALLS_PER_MINUTE,
      writes: values.WRITES_PER_MINUTE,
      tenant: values.ORG_CALLS_PER_MINUTE,
    },
    /** How old a kept answer may be; 0 keeps none. */
    cacheSeconds: values.CACHE_TTL_SECONDS,
    /** Patterns of servers that people may name; undefined admits any public name. */
    vendorHosts: values.VENDOR_HOSTS,
    demo: values.DEMO,
    /** Where mail leaves, if it does. */
    mail: values.SMTP_URL ? { url: values.SMTP_URL, from: values.MAIL_FROM! } : undefined,
    /** Whether the API, and MCP, ask for a token. */
    tokens: { api: values.AUTH_ENABLED, mcp: values.MCP_AUTH_ENABLED },
    /** Another issuer whose tokens are accepted. */
    jwt: values.JWT_ISSUER
      ? {
          issuer: values.JWT_ISSUER,
          audience: values.JWT_AUDIENCE,
          algorithms: values.JWT_ALGORITHM,
          keysUrl: values.JWT_JWKS_URL,
          orgClaim: values.JWT_ORG_CLAIM,
        }
      : undefined,
    /** Vendor slug → loopback origin that stands in for it. */
    devVendorOrigins: values.DEV_VENDOR_ORIGINS ?? {},
  };
}

function configuredClient(values: Values) {
  const { MCP_OAUTH_CLIENT_ID: id, MCP_OAUTH_CLIENT_SECRET: secret, MCP_OAUTH_REDIRECT_URIS: uris } = values;
  if (!id) return undefined;
  return {
    client_id: id,
    client_name: "Pre-registered client",
    redirect_uris: uris,
    gateway_kind: "preregistered",
    ...(secret
      ? { client_secret: secret, token_endpoint_auth_method: "client_secret_post" }
      : { token_endpoint_auth_method: "none" }),
  };
}

interface PostgresPlace {
  readonly url: string;
  readonly migrationUrl: string | undefined;
  readonly pool: { readonly connections: number; readonly waitMs: number; readonly statementMs: number };
}

const place = (values: Values, dataDir: string): PostgresPlace | { file: string } =>
  values.DATABASE_URL
    ? {
        url: values.DATABASE_URL,
        migrationUrl: values.MIGRATION_DATABASE_URL,
        pool: {
          connections: values.DATABASE_CONNECTIONS,
          waitMs: values.DATABASE_WAIT_SECONDS * 1000,
          statementMs: values.DATABASE_STATEMENT_SECONDS * 1000,
        },
      }
    : { file: `${dataDir}/vendorsmith.db` };

const auditFile = (file: string | undefined, dataDir: string, standard: string) =>
  file === "off" ? undefined : resolve(dataDir, file ?? standard);

const anchorStore = (values: Values) =>
  values.AUDIT_ANCHORS_S3_URL
    ? {
        url: values.AUDIT_ANCHORS_S3_URL.replace(/\/$/, ""),
        region: values.AUDIT_ANCHORS_S3_REGION,
        keyId: values.AUDIT_ANCHORS_S3_KEY_ID!,
        secret: values.AUDIT_ANCHORS_S3_SECRET!,
        lockDays: values.AUDIT_ANCHORS_S3_LOCK_DAYS,
      }
    : undefined;

/** Each variable by itself; an empty one counts as unset, as container tools write it so. */
function parse(env: NodeJS.ProcessEnv) {
  const values: Partial<Values> = {};
  const wrong: string[] = [];
  for (const [name, { schema, file }] of Object.entries(variables) as [VariableName, AnyVariable][]) {
    try {
      const result = schema.safeParse(textOf(name, file, env));
      if (result.success) Object.assign(values, { [name]: result.data });
      else wrong.push(...result.error.issues.map((issue) => `${name}: ${issue.message}`));
    } catch (error) {
      wrong.push(`${name}_FILE: ${error instanceof Error ? error.message : "cannot be read"}`);
    }
  }
  return { values, wrong };
}

function textOf(name: string, file: boolean, env: NodeJS.ProcessEnv) {
  const path = file ? env[`${name}_FILE`] : undefined;
  if (path && env[name]) throw new Error(`set ${name} or ${name}_FILE, not both`);
  return path ? readSecretFile(path).trim() : env[name] || undefined;
}

/** Without tokens everybody who reaches the port is the owner: that is for one's own machine. */
function openDoor(name: string, { NODE_ENV, HOST, PUBLIC_URL, TRUST_PROXY }: Partial<Values>): string[] {
  if (NODE_ENV === "production") return [`${name}: production cannot do without tokens`];
  const hosts = [HOST ?? "127.0.0.1", PUBLIC_URL ? new URL(PUBLIC_URL).hostname : "localhost"];
  const isOwn = hosts.every((host) => ["localhost", "127.0.0.1", "[::1]", "::1"].includes(host)) && !TRUST_PROXY;
  return isOwn
    ? []
    : [`${name}: only a gateway on this machine alone (HOST and PUBLIC_URL on loopback) can do without tokens`];
}

function transitNeeds({ service, options }: RemoteKey, values: Partial<Values>): string[] {
  if (service !== "transit") return [];
  const { TRANSIT_TOKEN: token, TRANSIT_ROLE_ID: roleId, TRANSIT_SECRET_ID: secretId } = values;
  if (["kubernetes", "agent"].includes(options["auth"] ?? "")) return [];
  if (options["auth"] !== "approle") return token ? [] : ["TRANSIT_TOKEN: a transit:// key needs it, or auth=… in it"];
  return roleId && secretId ? [] : ["TRANSIT_ROLE_ID: auth=approle needs it and TRANSIT_SECRET_ID"];
}

/** The front stands between the internet and everybody's workers: it is given nothing that opens anything. */
function frontDisagreements(values: Partial<Values>): string[] {
  const found = values.TENANTS ? [] : ["TENANTS: a front needs the hosts of its tenants and their workers"];
  for (const [name, { secret }] of Object.entries(variables) as [VariableName, AnyVariable][])
    if (secret && name !== "METRICS_TOKEN" && values[name] !== undefined)
      found.push(`${name}: a front holds no secrets; give it to the workers`);
  return [...found, ...metricsDisagreements(values)];
}

function metricsDisagreements({
  METRICS_PORT: port,
  METRICS_HOST: host,
  METRICS_TOKEN: token,
  PORT: own,
}: Partial<Values>) {
  const found: string[] = [];
  if (port && port === own) found.push("METRICS_PORT: must not be PORT");
  if (port && !token && !isLoopback(host ?? ""))
    found.push("METRICS_TOKEN: needed when METRICS_HOST is not this machine alone");
  return found;
}

/** What would go over a network unencrypted, and nobody said that it may. */
const undecided = (values: Partial<Values>): string[] =>
  (["DATABASE_URL", "MIGRATION_DATABASE_URL"] as const).flatMap((name) => {
    const words = values[name] && undecidedTls(values[name]);
    return words ? [`${name}: ${words}`] : [];
  });

/** The same for the log, where it is not refused. */
function clearText(values: Partial<Values>): readonly string[] {
  const words = values.REDIS_URL && clearRedis(values.REDIS_URL);
  return [...undecided(values), ...(words ? [`REDIS_URL: ${words}`] : [])];
}

const unbelieved = ({ TRUST_PROXY, TRUST_PROXY_HEADER }: Partial<Values>) =>
  TRUST_PROXY_HEADER && !TRUST_PROXY ? ["TRUST_PROXY: TRUST_PROXY_HEADER needs the proxies that are believed"] : [];

/** What is wrong only in the company of other variables. */
function disagreements(values: Partial<Values>): string[] {
  if (values.ROLE === "front") return [...unbelieved(values), ...frontDisagreements(values)];
  const found = unbelieved(values);
  if (values.TENANTS) found.push("TENANTS: only a front has tenants; set ROLE=front");
  if (values.VAULT_KEYS?.some((one) => isLocal(one) && values.AUDIT_KEY?.some((other) => other.equals(one.key))))
    found.push("AUDIT_KEY: must not be a vault key");
  found.push(...(values.VAULT_KEYS ?? []).flatMap((key) => (isLocal(key) ? [] : transitNeeds(key, values))));
  if (values.AUDIT_ANCHORS_S3_URL && !(values.AUDIT_ANCHORS_S3_KEY_ID && values.AUDIT_ANCHORS_S3_SECRET))
    found.push("AUDIT_ANCHORS_S3_URL: needs AUDIT_ANCHORS_S3_KEY_ID and AUDIT_ANCHORS_S3_SECRET");
  if (values.AUDIT_WEBHOOK_URL && !values.AUDIT_WEBHOOK_SECRET)
    found.push("AUDIT_WEBHOOK_URL: needs AUDIT_WEBHOOK_SECRET");
  found.push(...metricsDisagreements(values));
  if (values.SMTP_URL && !values.MAIL_FROM) found.push("SMTP_URL: needs MAIL_FROM");
  found.push(...providerDisagreements(values, { production: values.NODE_ENV === "production" }));
  if (values.MIGRATION_DATABASE_URL && !values.DATABASE_URL)
    found.push("DATABASE_URL: MIGRATION_DATABASE_URL needs it");
  if (values.MCP_OAUTH_CLIENT_ID && !values.MCP_OAUTH_REDIRECT_URIS)
    found.push("MCP_OAUTH_REDIRECT_URIS: MCP_OAUTH_CLIENT_ID needs the addresses that its host is sent back to");
  if (values.MCP_OAUTH_CLIENT_SECRET && !values.MCP_OAUTH_CLIENT_ID)
    found.push("MCP_OAUTH_CLIENT_ID: MCP_OAUTH_CLIENT_SECRET needs it");
  for (const name of ["AUTH_ENABLED", "MCP_AUTH_ENABLED"] as const)
    if (values[name] === false) found.push(...openDoor(name, values));
  if (values.NODE_ENV !== "production") return found;
  if (!values.PUBLIC_URL?.startsWith("https:")) found.push("PUBLIC_URL: production needs an https address");
  if (values.MCP_RESOURCE_SERVER_URL?.startsWith("http:"))
    found.push("MCP_RESOURCE_SERVER_URL: production needs an https address");
  for (const name of ["VAULT_KEYS", "AUDIT_KEY", "COOKIE_KEYS", "SIGNING_KEYS"] as const)
    if (!values[name]) found.push(`${name}: production needs it, or ${name}_FILE; keys are never made up there`);
  found.push(...undecided(values));
  if (values.DEMO) found.push("DEMO: refused in production");
  if (values.DEV_VENDOR_ORIGINS) found.push("DEV_VENDOR_ORIGINS: refused in production");
  return found;
}
