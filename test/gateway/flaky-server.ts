import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** How a vendor answers: well, with failures, not at all, by closing, a byte now and then, or late. */
export type Manner = "well" | "fails" | "refuses" | "busy" | "hangs" | "resets" | "drips" | { readonly lateMs: number };

/** The vendor's side, on loopback. */
export async function serveFlaky(manner: Manner = "well") {
  const world = { manner, reads: 0, writes: 0, open: 0, most: 0 };
  const server = createServer(async (request, reply) => {
    for await (const _ of request);
    world[request.method === "GET" ? "reads" : "writes"]++;
    world.most = Math.max(world.most, ++world.open);
    reply.once("close", () => world.open--);
    answer(reply, world.manner);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(world, { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

export type FlakyServer = Awaited<ReturnType<typeof serveFlaky>>;

const JSON_TYPE = { "content-type": "application/json" };

function answer(reply: ServerResponse, manner: Manner) {
  if (manner === "hangs") return;
  if (manner === "resets") return reply.socket?.resetAndDestroy();
  if (manner === "fails") return reply.writeHead(500, JSON_TYPE).end("{}");
  if (manner === "refuses") return reply.writeHead(400, JSON_TYPE).end("{}");
  if (manner === "busy") return reply.writeHead(429, { ...JSON_TYPE, "retry-after": "0" }).end("{}");
  if (manner === "drips") {
    reply.writeHead(200, JSON_TYPE).write("{");
    const drip = setInterval(() => reply.write(" "), 20);
    return reply.once("close", () => clearInterval(drip));
  }
  const good = () => reply.writeHead(200, JSON_TYPE).end('{"name":"fine"}');
  return typeof manner === "object" ? setTimeout(good, manner.lateMs) : good();
}
