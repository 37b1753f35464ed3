import { STATUS_CODES } from "node:http";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { HEADERS_ELSEWHERE } from "./security-headers.ts";

/** What people and programs are told of a failure. */
export interface ErrorAnswer {
  status: number;
  /** Stable: clients and tests may rely on it. */
  code: string;
  message: string;
  requestId: string;
  /** After so long it is worth asking again. */
  retryAfterSeconds?: number;
}

declare module "fastify" {
  interface FastifyInstance {
    /** Gives browsers a page in place of JSON; the returned text is the whole HTML document. */
    setErrorPage(render: (answer: ErrorAnswer) => string | Promise<string>): void;
  }
}

/** Nothing of an unexpected failure leaves the process but the request id; the rest is in the log. */
const UNEXPECTED = "Something went wrong on our side. Please try again; if it stays, tell the operator the request id.";

export default fp(
  async (app) => {
    let page: ((answer: ErrorAnswer) => string | Promise<string>) | undefined;
    app.decorate("setErrorPage", (render: typeof page) => {
      page = render;
    });
    app.setErrorHandler<Failure>(async (error, request, reply) => {
      const answer = answerFor(error, request.id);
      if (answer.status >= 500 && answer.code !== "OVERLOADED") request.log.error({ err: error }, "request failed");
      await send(answer, request, reply);
    });
    app.setNotFoundHandler(async (request, reply) => {
      const message = "There is nothing at this address.";
      await send({ status: 404, code: "NOT_FOUND", message, requestId: request.id }, request, reply);
    });

    async function send(answer: ErrorAnswer, request: FastifyRequest, reply: FastifyReply) {
      const { status, retryAfterSeconds, ...body } = answer;
      reply.code(status).header("cache-control", "no-store");
      if (retryAfterSeconds) reply.header("retry-after", retryAfterSeconds);
      // An unknown address belongs to no scope of routes, so nobody has set its headers yet.
      if (!reply.hasHeader("content-security-policy")) reply.headers(HEADERS_ELSEWHERE);
      if (page && wantsPage(request)) return reply.type("text/html; charset=utf-8").send(await page(answer));
      return reply.send(body);
    }
  },
  { name: "errors" },
);

/** For what Fastify refuses before it knows a route, so that no hook has run. */
export function unreadableAddress({ statusCode = 400 }: FastifyError, { id }: FastifyRequest, reply: FastifyReply) {
  const body = { code: codeOf(statusCode), message: "This address cannot be read.", requestId: id };
  reply.code(statusCode).headers(HEADERS_ELSEWHERE).header("cache-control", "no-store").send(body);
}

/** An error that says when to ask again says its own sentence, which is made for people. */
type Failure = FastifyError & { readonly retryAfterSeconds?: number };

function answerFor(error: Failure, requestId: string): ErrorAnswer {
  const status = error.statusCode ?? 500;
  const { code: reason, message, retryAfterSeconds } = error;
  if ((status === 503 || status === 429) && retryAfterSeconds)
    return { status, code: reason, message, requestId, retryAfterSeconds };
  if (status < 400 || status >= 500)
    return { status: status >= 500 ? status : 500, code: "INTERNAL", message: UNEXPECTED, requestId };
  const code = error.code?.startsWith("FST_") ? codeOf(status) : (error.code ?? codeOf(status));
  return { status, code, message: error.message, requestId };
}

/** 413 → PAYLOAD_TOO_LARGE */
const codeOf = (status: number) => (STATUS_CODES[status] ?? "Refused").toUpperCase().replace(/[^A-Z]+/g, "_");

/** Whether a person's browser asks, and no program. */
export const wantsPage = (request: FastifyRequest) =>
  request.headers.accept?.includes("text/html") === true && !request.headers["content-type"]?.includes("json");
