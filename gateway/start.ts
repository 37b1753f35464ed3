import { setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { type AppOptions, buildApp } from "./app.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { DatabaseProblem } from "./database/postgres-server.ts";
import { inSystemScope } from "./database/scope.ts";
import type { Tenants } from "./front/host.ts";
import { setupToken } from "./identity/setup.ts";
import { lossOf } from "./keys.ts";
import { connectorsOf } from "./pages/connectors.ts";

/**
 * Builds, listens, says what is served, and closes on a signal. Ends the process with 1 when it cannot start.
 * @param given what a test's process brings instead of the generated vendors
 */
export async function start(given: Omit<AppOptions, "config"> = {}): Promise<void> {
  try {
    await inSystemScope(() => serve(given));
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

async function serve(given: Omit<AppOptions, "config">) {
  const config = readConfig();
  const app = config.tenants ? await front(config, config.tenants) : await buildApp({ ...given, config });
  closeOnSignal(app, config.shutdown);
  await listen(app, config);
  const lines = config.tenants ? forwarded(config.tenants) : await welcome(app);
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** The process in front of workers, loaded where it is one. */
const front = async (config: Config, tenants: Tenants) =>
  (await import("./front/app.ts")).buildFront({ config: { ...config, tenants } });

const forwarded = (tenants: Tenants) => [
  "",
  "Requests go to the workers of:",
  ...[...tenants].map(([host, worker]) => indent(`${host}  →  ${worker}`)),
  "",
];

async function listen(app: FastifyInstance, { host, port }: Pick<Config, "host" | "port">) {
  try {
    await app.listen({ host, port, listenTextResolver: () => "listening" });
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** What a person needs to go on: where it is, who may come in first, and the addresses for their clients. */
async function welcome(app: FastifyInstance): Promise<string[]> {
  const { config, keys, vendors } = app;
  const token = await setupToken(app);
  const connectors = connectorsOf(app);
  const width = Math.max(...connectors.map(({ title }) => title.length));
  const lines = [
    "",
    `${config.product.name} serves ${app.catalogs.all.tools.size} tools of ${vendors.size} vendors at ${config.publicUrl}`,
    "",
  ];
  lines.push(...backupReminder(keys.made));
  if (token)
    lines.push("Become the owner, with this link that works once:", indent(`${config.publicUrl}/setup/${token}`), "");
  lines.push("Connector URLs:");
  for (const { title, url } of connectors) lines.push(indent(`${title.padEnd(width)}  ${url}`));
  const stored = "url" in config.database ? "PostgreSQL" : config.database.file;
  return [...lines, "", `Data: ${stored}`, ""];
}

/** Said once, when there is still nothing to lose. */
function backupReminder(made: readonly string[]): string[] {
  if (made.length === 0) return [];
  const width = Math.max(...made.map(({ length }) => length));
  return [
    "New keys, readable by you only. Keep a copy of each elsewhere, and apart from copies of the database:",
    ...made.map((path) => indent(`${path.padEnd(width)}  ${lossOf(path)}`)),
    "Whether they open what is stored says: npm run keys -- verify",
    "",
  ];
}

const indent = (line: string) => `  ${line}`;

/** Once: wait for load balancers to notice, finish what is under way, then end. Twice: end. */
function closeOnSignal(app: FastifyInstance, { drainMs, patienceMs }: Config["shutdown"]) {
  const close = async (signal: NodeJS.Signals) => {
    if (app.drain.begun) process.exit(1);
    app.drain.begin();
    app.log.info({ signal, drainMs, patienceMs }, "closing");
    setTimeout(() => {
      app.log.error("requests did not end in time");
      process.exit(1);
    }, patienceMs).unref();
    await pause(drainMs);
    try {
      await inSystemScope(() => app.close());
      process.exit(0);
    } catch (err) {
      app.log.error({ err }, "closing failed");
      process.exit(1);
    }
  };
  process.on("SIGTERM", close).on("SIGINT", close);
}

/** A sentence for what an operator can mend, the whole error for what only we can. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DatabaseProblem) return error.message;
  const { code, address, port } = (error ?? {}) as { code?: string; address?: string; port?: number };
  if (code === "EADDRINUSE") return `Port ${port} on ${address} is in use. Stop the other process, or set PORT.`;
  if (code === "EADDRNOTAVAIL") return `HOST: this machine has no address ${address}. Correct it.`;
  if (code === "EACCES")
    return `Port ${port} on ${address} may not be opened by this user. Set PORT to one above 1023.`;
  if (code === "ERR_MODULE_NOT_FOUND" && String(error).includes("/generated/"))
    return "There are no generated vendors yet. Run: npm run generate";
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}\n  ${error.cause.message}` : (error.stack ?? error.message);
}
