import { connect, createServer, type Socket } from "node:net";
import type { Ground } from "./ground.ts";

/** The address that people know, in front of replicas: connections in turn, and the next replica where one refuses. */
export async function startBalancer(ground: Ground): Promise<{ port: number; to(ports: readonly number[]): void }> {
  let ports: readonly number[] = [];
  let turn = 0;
  const open = new Set<Socket>();
  const server = createServer((incoming) => {
    open.add(incoming);
    incoming.on("close", () => open.delete(incoming)).on("error", () => {});
    turn++;
    pass(incoming, ports.map((_, index) => ports[(index + turn) % ports.length]!)); // biome-ignore format: one thought
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  ground.afterwards(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as { port: number }).port,
    to(next) {
      ports = next;
    },
  };
}

/** Nothing was sent before the connection stands, so trying the next one repeats nothing. */
function pass(incoming: Socket, [port, ...others]: readonly number[]) {
  if (port === undefined) return void incoming.destroy();
  const outgoing = connect(port, "127.0.0.1");
  outgoing.once("error", () => (outgoing.bytesWritten > 0 ? incoming.destroy() : pass(incoming, others)));
  outgoing.once("connect", () => {
    outgoing.removeAllListeners("error").on("error", () => incoming.destroy());
    incoming.pipe(outgoing).pipe(incoming);
    incoming.once("close", () => outgoing.destroy());
    outgoing.once("close", () => incoming.destroy());
  });
}
