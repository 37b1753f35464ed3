import httpProxy from "@fastify/http-proxy";
import type { FastifyInstance, FastifyReply, FastifyRequest, RawServerBase, RequestGenericInterface } from "fastify";
import { Agent, type Dispatcher } from "undici";
import { hostOf, type Tenants, workerOf } from "./host.ts";
import { refuse } from "./refuse.ts";

/** Longer than a worker's longest call, whose answer begins when it is over. */
export const HEADERS_TIMEOUT_MS = 270_000;
const CONNECT_TIMEOUT_MS = 3000;

const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  // What a caller may say of itself: workers believe the front, so the front must say it.
  ...["forwarded", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-real-ip"],
  // What is about the connection to the front alone. Some clients say these unasked, and undici refuses to send them.
  ...["expect", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade"],
]);

/** Sends each request to the worker of the host it names, body and answer as streams, and never twice. */
export async function forward(
  app: FastifyInstance,
  /** To one worker: as many as it may be asked at a time, so that nothing waits for one. */
  { tenants, connections }: { tenants: Tenants; connections: number },
): Promise<void> {
  const workers = leavingWithTheirCaller(connections);
  const { trustProxyHeader } = app.config;
  app.addHook("onRequest", async (request, reply) => workers.follow(request, reply));
  await app.register(httpProxy, {
    upstream: "",
    undici: workers as never, // reply-from takes whatever has request() and destroy()
    destroyAgent: true,
    disableRequestLogging: true,
    httpMethods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
    replyOptions: {
      getUpstream: (request: Asked) => tenants.get(hostOf(request as never)) ?? "",
      rewriteRequestHeaders: (request, headers) => {
        const kept = Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.has(name));
        return {
          ...Object.fromEntries(kept),
          host: request.headers.host,
          "x-forwarded-for": request.ip,
          ...(trustProxyHeader && { [trustProxyHeader]: request.ip }), // workers may be told to read it as well
          "x-forwarded-host": request.headers.host,
          "x-forwarded-proto": request.protocol,
          [FOLLOWED]: request.id,
        };
      },
      // The library repeats reads that were answered 503; who asked is told instead, as the worker says.
      retryDelay: () => null,
      onError(reply, { error }) {
        app.metrics.frontRefusals.inc({ worker: workerOf(reply.request as never, tenants), reason: "unreachable" });
        workerGone(reply as never, error);
      },
    },
  });
}

type Asked = FastifyRequest<RequestGenericInterface, RawServerBase>;

const FOLLOWED = "x-request-id";

/** Requests to workers that end when whoever asked is gone, so that nobody's call runs on for nobody. */
function leavingWithTheirCaller(connections: number) {
  const agent = new Agent({
    connections,
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: 0, // a stream may be silent for as long as its call takes
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });
  const asking = new Map<string, AbortController>();
  return {
    follow({ id }: FastifyRequest, reply: FastifyReply) {
      const gone = new AbortController();
      asking.set(id, gone);
      reply.raw.once("close", () => {
        asking.delete(id);
        if (!reply.raw.writableFinished) gone.abort();
      });
    },
    request(options: Dispatcher.RequestOptions, done: (error: Error | null, data: Dispatcher.ResponseData) => void) {
      const id = (options.headers as Record<string, string>)[FOLLOWED]!;
      agent.request({ ...options, signal: asking.get(id)?.signal }, done);
    },
    destroy: () => agent.destroy(),
  };
}

/** Nothing of where a worker is leaves here; that stands in the log. */
async function workerGone(reply: FastifyReply, err: Error) {
  if (reply.raw.destroyed) return;
  reply.log.error({ err, host: hostOf(reply.request) }, "worker does not answer");
  await refuse(reply.header("retry-after", 5), {
    status: 503,
    code: "WORKER_UNREACHABLE",
    heading: "Not just now",
    message: "This tenant's gateway does not answer. Please try again in a moment.",
  });
}
