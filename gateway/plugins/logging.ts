import { type FastifyServerOptions, LogController } from "fastify";
import fp from "fastify-plugin";
import { newRequestId } from "../database/ids.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** Fastify's logger and request ids. Ids come from us alone: a caller's own could forge the trail. */
export function logging(level: string, stream?: { write(line: string): void }): FastifyServerOptions {
  const pretty = !stream && process.stdout.isTTY;
  return {
    logger: {
      level,
      formatters: { log: (facts) => withoutSecrets(facts) },
      serializers: { err: errorText },
      ...(stream && { stream }),
      ...(pretty && { transport: { target: "pino-pretty", options: { ignore: "pid,hostname" } } }),
    },
    genReqId: () => newRequestId(),
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true }),
  };
}

interface ErrorText {
  [key: string]: unknown;
  type: string;
  message: string;
  stack: string;
}

/** Only what we know to be ours to show: drivers and vendors hang rows and bodies on their errors. */
function errorText(error: unknown, depth = 0): ErrorText {
  if (!(error instanceof Error)) return { type: typeof error, message: "not an error", stack: "" };
  const { name, message, stack = "", cause } = error;
  const code = (error as { code?: unknown }).code;
  const why = cause instanceof Error && depth < 5 ? { cause: errorText(cause, depth + 1) } : {};
  return { type: name, ...(typeof code === "string" && { code }), message, stack, ...why };
}

/** Asked every few seconds by whoever looks after replicas; a good answer is no news. */
const PROBES: ReadonlySet<string> = new Set(["/health", "/ready"]);

/** One line per answer: the route's pattern, never its address, which may carry tokens. */
export default fp(
  async (app) => {
    app.addHook("onRequest", (request, reply, done) => {
      reply.header("x-request-id", request.id);
      done();
    });
    app.addHook("onResponse", (request, reply, done) => {
      const route = request.routeOptions.url ?? "unknown";
      const ms = Math.round(reply.elapsedTime * 10) / 10;
      const traceId = request.span?.traceId;
      const facts = { method: request.method, route, status: reply.statusCode, ms, ...(traceId && { traceId }) };
      request.log[PROBES.has(route) && reply.statusCode === 200 ? "debug" : "info"](facts, "answered");
      done();
    });
  },
  { name: "logging" },
);
