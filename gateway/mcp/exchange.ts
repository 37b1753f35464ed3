import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import type { AuthInfo, McpHttpHandler } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { answerableId } from "./request.ts";

/**
 * One request through the SDK and back. The SDK's own adapter (`toNodeHandler`) writes the parsed body out again for its web
 * request and reads every answer as a stream; a call of a tool spent a thirtieth of its time there. What is asked and answered
 * is the same, and a test holds one against the other.
 */
export async function exchange(
  handler: Pick<McpHttpHandler, "fetch">,
  request: FastifyRequest,
  reply: FastifyReply,
  authInfo: AuthInfo,
): Promise<void> {
  const { raw } = reply.hijack();
  const gone = new AbortController();
  const hangUp = () => gone.abort();
  raw.once("close", hangUp);
  if (raw.destroyed) hangUp();
  const answer = await answerOf(handler, request, gone.signal, authInfo);
  const headers = { ...(reply.getHeaders() as OutgoingHttpHeaders), ...Object.fromEntries(answer.headers) };
  if (answer.body && answer.headers.get("content-type") === "text/event-stream")
    return await stream(raw.writeHead(answer.status, headers), answer.body as ReadableStream);
  const text = await answer.text();
  raw.off("close", hangUp);
  raw.writeHead(answer.status, text === "" ? headers : { ...headers, "content-length": Buffer.byteLength(text) });
  raw.end(text);
}

async function answerOf(
  { fetch }: Pick<McpHttpHandler, "fetch">,
  request: FastifyRequest,
  signal: AbortSignal,
  authInfo: AuthInfo,
): Promise<Response> {
  const { body: parsedBody } = request;
  try {
    return await fetch(webRequest(request, signal), { authInfo, ...(parsedBody !== undefined && { parsedBody }) });
  } catch (err) {
    request.log.error({ err }, "MCP request failed");
    const error = { code: -32603, message: "Internal server error" };
    return Response.json({ jsonrpc: "2.0", error, id: answerableId(parsedBody) }, { status: 500 });
  }
}

/** Without a body: the SDK takes it as it was parsed. */
function webRequest({ method, url, headers }: FastifyRequest, signal: AbortSignal): Request {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers))
    for (const one of [value].flat()) if (one !== undefined) sent.append(name, one);
  return new Request(`http://${headers.host}${url}`, { method, headers: sent, signal });
}

/** Whoever has gone away hears nothing more; that is no failure. */
async function stream(raw: ServerResponse, body: ReadableStream) {
  await pipeline(Readable.fromWeb(body), raw).catch(() => raw.destroy());
}
