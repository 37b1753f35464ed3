import net, { type AddressInfo } from "node:net";
import { report } from "../child.ts";

/**
 * Connections by turns to the servers in UPSTREAMS, byte by byte: what a load balancer of the fourth layer does. PORT is its
 * own. The list can be told anew by a message.
 */
let upstreams: readonly string[] = JSON.parse(process.env["UPSTREAMS"] ?? "[]");
let turn = 0;
const server = net.createServer((client) => {
  const { hostname, port } = new URL(upstreams[turn++ % upstreams.length]!);
  const upstream = net.connect(Number(port), hostname);
  client.setNoDelay();
  upstream.setNoDelay();
  client.pipe(upstream).pipe(client);
  const end = () => {
    client.destroy();
    upstream.destroy();
  };
  client.on("error", end);
  upstream.on("error", end);
});
process.on("message", (asked: { upstreams?: readonly string[] }) => {
  if (asked.upstreams) upstreams = asked.upstreams;
});
server.listen(Number(process.env["PORT"]), "127.0.0.1", () =>
  report({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);
