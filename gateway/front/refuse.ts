import type { FastifyReply } from "fastify";
import { wantsPage } from "../plugins/errors.ts";
import { HEADERS_ELSEWHERE } from "../plugins/security-headers.ts";

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** Both are our own words: they go into a page as they are. */
  readonly heading: string;
  readonly message: string;
}

/** What the front says in a worker's place: a bare page to a person's browser, as no tenant's look is known here, and JSON to others. */
export function refuse(reply: FastifyReply, { status, code, heading, message }: Refusal): FastifyReply {
  const { request } = reply;
  reply.code(status).headers(HEADERS_ELSEWHERE).header("cache-control", "no-store");
  if (!wantsPage(request)) return reply.send({ code, message, requestId: request.id });
  return reply.type("text/html; charset=utf-8").send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${heading}</title>
<h1>${heading}</h1>
<p>${message}</p>
<p>Request ${request.id}</p>
</html>
`);
}
